export * from './contract.js';
export * from './dead-letter/record.js';
export * from './errors/index.js';
