/**
 * Stands in every workflow bundle that has our interceptor in it, minified or not, so that a worker notices a bundle of another
 * release. Workflow code cannot read package.json; a test keeps the two alike.
 */
export const WORKFLOW_CODE = 'temporal-recovery workflow code 0.13.0';
