import { resolve } from 'node:path';
import { describe } from 'node:test';
import { testOrders } from './orders.js';
import { installPythonSdk, python, skipPython } from './python.js';

const WORKER = resolve(__dirname, '../../../test/languages/python-worker/worker.py');

describe('an activity worker of the Python SDK', { skip: skipPython }, () => {
  testOrders('python', async () => {
    await installPythonSdk();
    return [python, WORKER];
  });
});
