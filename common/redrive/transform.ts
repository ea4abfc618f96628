const OPERATIONS = ['add', 'remove', 'replace', 'move', 'copy', 'test'];
const NEED_FROM = ['move', 'copy'];
const NEED_VALUE = ['add', 'replace', 'test'];

/** What is wrong with a transform of arguments, as "… must be <this>"; undefined where it can be used. */
export function transformProblem(input: unknown): string | undefined {
  const shape = '{ "patch": [ … ] } (a JSON Patch of the array of arguments) or { "activity": "name" }';
  if (!isObject(input)) return shape;
  const unknown = Object.keys(input).find((key) => !['patch', 'activity', 'taskQueue'].includes(key));
  if (unknown !== undefined) return `${shape}, without "${unknown}"`;
  const { patch, activity, taskQueue } = input;
  if ((patch === undefined) === (activity === undefined)) return `${shape}, exactly one of them`;
  if (patch !== undefined) {
    return taskQueue === undefined ? patchProblem(patch) : `${shape}; taskQueue belongs to activity`;
  }
  if (typeof activity !== 'string' || activity === '') return `${shape}, with the name of an activity`;
  const isName = taskQueue === undefined || (typeof taskQueue === 'string' && taskQueue !== '');
  return isName ? undefined : `${shape}, with the name of a task queue as taskQueue`;
}

function patchProblem(patch: unknown): string | undefined {
  if (!Array.isArray(patch) || patch.length === 0) return 'a patch with at least one operation (RFC 6902)';
  for (const [index, operation] of patch.entries()) {
    const at = `a patch whose operation ${index}`;
    if (!isObject(operation) || !OPERATIONS.includes(operation.op as string))
      return `${at} has an op of ${OPERATIONS.join(', ')}`;
    if (!isArgumentPath(operation.path)) return `${at} has a path into the arguments, such as "/0/email"`;
    if (NEED_FROM.includes(operation.op as string) && !isArgumentPath(operation.from))
      return `${at} has a from, such as "/0/email"`;
    if (NEED_VALUE.includes(operation.op as string) && operation.value === undefined)
      return `${at} has a value`;
  }
  return undefined;
}

/** A JSON Pointer that begins with the number of an argument, or `-` for one behind the last. */
function isArgumentPath(path: unknown): boolean {
  return typeof path === 'string' && /^\/(\d+|-)(\/|$)/.test(path);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
