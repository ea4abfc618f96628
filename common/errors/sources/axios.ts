import { ErrorCategory } from '../category.js';
import { get, getString } from '../safe.js';

const { NETWORK, TIMEOUT, CLIENT, SERVER, UNKNOWN } = ErrorCategory;

const CODES: Readonly<Record<string, ErrorCategory>> = {
  ECONNABORTED: TIMEOUT,
  ETIMEDOUT: TIMEOUT,
  ERR_FR_TOO_MANY_REDIRECTS: CLIENT,
  ERR_BAD_OPTION: CLIENT,
  ERR_BAD_OPTION_VALUE: CLIENT,
  ERR_INVALID_URL: CLIENT,
  ERR_NOT_SUPPORT: CLIENT,
  ERR_FORM_DATA_DEPTH_EXCEEDED: CLIENT,
};

/** Codes that a cause explains better. */
const WEAK: Readonly<Record<string, ErrorCategory>> = {
  ERR_NETWORK: NETWORK,
  ERR_BAD_RESPONSE: SERVER,
  ERR_BAD_REQUEST: CLIENT,
  ERR_CANCELED: UNKNOWN,
};

function isAxiosError(link: unknown): boolean {
  return get(link, 'isAxiosError') === true || getString(link, 'name') === 'AxiosError';
}

/** By code, of an axios error without an answer. A connection that broke while the answer came is the network's. */
export function categoryOfAxios(link: unknown): { category: ErrorCategory; weak?: boolean } | undefined {
  if (!isAxiosError(link) && getString(link, 'name') !== 'CanceledError') return undefined;
  const code = getString(link, 'code') ?? '';
  const message = getString(link, 'message') ?? '';
  if (/^(?:stream has been aborted|error request aborted|aborted$|Request aborted)/.test(message)) {
    return { category: NETWORK };
  }
  if (get(get(get(get(link, 'config'), 'signal'), 'reason'), 'name') === 'TimeoutError') {
    return { category: TIMEOUT };
  }
  if (/^max(?:ContentLength|BodyLength) size/.test(message) || /larger than maxBodyLength/.test(message)) {
    return { category: CLIENT };
  }
  if (Object.hasOwn(CODES, code)) return { category: CODES[code] as ErrorCategory };
  if (Object.hasOwn(WEAK, code)) return { category: WEAK[code] as ErrorCategory, weak: true };
  return undefined;
}
