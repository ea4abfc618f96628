export { recoverCall } from '../failing-call/workflows.js';
export { callOne } from '../support/workflows.js';
