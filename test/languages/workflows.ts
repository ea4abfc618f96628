export { callOne } from '../support/workflows.js';
