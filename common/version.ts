/** The version of this package, for pages of workflows: code in the sandbox cannot read package.json. A test keeps the two alike. */
export const VERSION = '0.8.0';
