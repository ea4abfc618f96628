import type { ErrorCategory } from '../category.js';
import { headerOf } from '../headers.js';
import { get, getString } from '../safe.js';
import { type Node, nodesOf } from '../walk.js';
import { categoryOfNameWords, categoryOfWords } from './code-words.js';
import { categoryOfRpcName } from './rpc.js';
import { applicationType } from './temporal.js';
import { META_CODES, VENDOR_CODES } from './vendor-codes.js';

/** Names under which services and SDKs keep a code. */
const KEYS: readonly string[] = [
  ...[
    'errorCode',
    'error_code',
    'code',
    'error',
    'reason',
    'type',
    'errorType',
    'error_type',
    'errcode',
    'codeName',
  ],
  ...[
    'category',
    'classification',
    'subcode',
    'subCode',
    'error_subtype',
    'kind',
    'status',
    'errno',
    'faultCode',
  ],
  ...[
    'err',
    'errorcode',
    'exceptionCode',
    'statusCode',
    'errorName',
    'ErrorCode',
    '__type',
    'Code',
    'title',
    'policyName',
    'rawType',
  ],
];

/** What the codes in an error and its answer come to. */
export interface VendorVerdict {
  readonly category: ErrorCategory;
  /** In a table, and not only by its words. */
  readonly isListed: boolean;
}

export function vendorVerdict(link: unknown): VendorVerdict | undefined {
  const nodes = nodesOf(link);
  // Google's details say more than the status around them.
  const detailed = nodes.filter(({ value }) => getString(value, '@type') !== undefined);
  const listed =
    firstOf([...detailed, ...nodes], ({ value }) => byNumber(value) ?? firstCode(value, listedCode)) ??
    inHeader(link, listedCode);
  if (listed !== undefined) return { category: listed, isListed: true };
  // What the client calls it (`ERR_BAD_REQUEST` of axios) says less than what the service calls it.
  const worded =
    inHeader(link, categoryOfWords) ??
    firstOf([...nodes.filter(({ isContent }) => isContent), ...nodes], ({ value }) =>
      firstCode(value, categoryOfWords, categoryOfNameWords),
    );
  return worded === undefined ? undefined : { category: worded, isListed: false };
}

/** The codes of GraphQL's errors: these say more than the status, which may be 200, 400 or 500. */
export function categoryOfGraphql(link: unknown): ErrorCategory | undefined {
  return firstOf(nodesOf(link), ({ value }) => {
    const extensions = get(value, 'extensions');
    const isGraphql =
      extensions !== undefined &&
      (getString(value, 'message') !== undefined || get(value, 'path') !== undefined);
    if (!isGraphql) return undefined;
    return (
      firstCode(extensions, listedCode) ??
      firstCode(extensions, categoryOfWords) ??
      firstCode(value, listedCode)
    );
  });
}

/** Of a code that a service sent, wherever it was found. */
export function categoryOfVendorCode(code: string): ErrorCategory | undefined {
  return listedCode(code) ?? categoryOfWords(code);
}

/** Where answers without a body keep a code: AWS, Azure, Mashery. */
const CODE_HEADERS: readonly string[] = [
  'x-amzn-errortype',
  'x-ms-error-code',
  'x-mashery-error-code',
  'x-error-code',
];

function inHeader(
  link: unknown,
  read: (code: string) => ErrorCategory | undefined,
): ErrorCategory | undefined {
  const code = headerOf([link], ...CODE_HEADERS)?.replace(/[:,].*$/s, '');
  return code === undefined || code.length > 100 ? undefined : read(code);
}

function firstOf(
  nodes: readonly Node[],
  read: (node: Node) => ErrorCategory | undefined,
): ErrorCategory | undefined {
  for (const node of nodes) {
    const found = read(node);
    if (found !== undefined) return found;
  }
  return undefined;
}

function firstCode(
  value: unknown,
  read: (code: string) => ErrorCategory | undefined,
  readName = read,
): ErrorCategory | undefined {
  const type = applicationType(value);
  for (const key of [...KEYS, 'name']) {
    const code = getString(value, key);
    if (code === undefined || code.length > 200) continue;
    const category = key === 'name' || code === type ? readName(code) : read(lastPart(code));
    if (category !== undefined) return category;
  }
  return undefined;
}

function listedCode(code: string): ErrorCategory | undefined {
  // Names of gRPC, as they are, and as Firebase writes them: `functions/resource-exhausted`.
  const isRpcName = /^(?:[A-Z_]{8,30}|(?:[a-z]{2,20}\/)?[a-z]{4,20}-[a-z-]{4,20})$/.test(code);
  return VENDOR_CODES.get(code) ?? (isRpcName ? categoryOfRpcName(code) : undefined);
}

/** Problem types are URLs, those of AWS have a namespace: the end says what it is. */
function lastPart(code: string): string {
  return /^(?:https?:|urn:)|#/.test(code) ? code.replace(/\/+$/, '').replace(/^.*[/#:]/, '') : code;
}

function byNumber(value: unknown): ErrorCategory | undefined {
  // Every error of the Graph API has this type, whatever its number says.
  const isMeta = get(value, 'fbtrace_id') !== undefined || getString(value, 'type') === 'OAuthException';
  if (!isMeta) return undefined;
  return (
    META_CODES.get(String(get(value, 'code'))) ?? (get(value, 'is_transient') === true ? 'SERVER' : undefined)
  );
}
