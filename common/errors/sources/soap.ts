import { beginning } from '../../text/text.js';
import { ErrorCategory } from '../category.js';
import { get, getString } from '../safe.js';
import { answersOf, nodesOf } from '../walk.js';

const { AUTHENTICATION, CLIENT, SERVER, VALIDATION } = ErrorCategory;

/** Fault codes of SOAP 1.1 and 1.2 and of WS-Security, the more telling first. */
const FAULTS: readonly (readonly [RegExp, ErrorCategory])[] = [
  [
    /FailedAuthentication|InvalidSecurity(?:Token)?$|SecurityTokenUnavailable|Authentication|Authori[sz]ation|FailedCheck|MessageExpired|AccessDenied/i,
    AUTHENTICATION,
  ],
  [/^(?:[\w-]{1,20}:)?(?:Client|Sender)\b/i, VALIDATION],
  [/^(?:[\w-]{1,20}:)?(?:Server|Receiver)\b/i, SERVER],
  [/^(?:[\w-]{1,20}:)?(?:MustUnderstand|VersionMismatch|DataEncodingUnknown|ActionNotSupported)\b/, CLIENT],
];

/** By the fault of a SOAP service: a mistake of the caller comes with status 500 as well. */
export function categoryOfSoap(link: unknown): ErrorCategory | undefined {
  for (const code of faultCodes(link)) {
    const found = FAULTS.find(([pattern]) => pattern.test(code))?.[1];
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The subcode of SOAP 1.2 says more than the code around it. */
function faultCodes(link: unknown): string[] {
  const codes: string[] = [];
  for (const { value } of nodesOf(link)) {
    const code = getString(value, 'faultcode', 'faultCode');
    if (code !== undefined) codes.push(code);
    const deep = get(value, 'Code');
    if (get(value, 'Reason') !== undefined || get(deep, 'Value') !== undefined) {
      for (const text of [textOf(get(get(deep, 'Subcode'), 'Value')), textOf(get(deep, 'Value'))]) {
        if (text !== undefined) codes.push(text);
      }
    }
  }
  if (codes.length === 0) codes.push(...inText(link));
  return codes.map((code) => beginning(code.trim(), 100));
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : getString(value, '_', '$value', '#text');
}

const IN_XML =
  /<faultcode[^<>]{0,100}>([^<>]{1,100})<|<(?:[\w-]{1,20}:)?Subcode>\s{0,20}<(?:[\w-]{1,20}:)?Value[^<>]{0,100}>([^<>]{1,100})<|<(?:[\w-]{1,20}:)?Code>\s{0,20}<(?:[\w-]{1,20}:)?Value[^<>]{0,100}>([^<>]{1,100})</g;

function inText(link: unknown): string[] {
  const codes: string[] = [];
  for (const answer of answersOf(link)) {
    for (const key of ['data', 'body', 'responseBody', 'responseText', 'response']) {
      const xml = getString(answer, key)?.slice(0, 64_000) ?? '';
      if (!/<(?:[\w-]{1,20}:)?Fault\b/.test(xml)) continue;
      const found = [...xml.matchAll(IN_XML)].map(([, plain, subcode, code]) => ({ plain, subcode, code }));
      codes.push(
        ...found.flatMap(({ subcode }) => subcode ?? []),
        ...found.flatMap(({ plain, code }) => plain ?? code ?? []),
      );
    }
  }
  // node-soap: `soap:Client: Field Email is required`
  const message = getString(link, 'message')?.slice(0, 100) ?? '';
  const said = /^((?:soap|soapenv|SOAP-ENV|env|s|S):(?:Client|Server|Sender|Receiver)\b[\w.]{0,40})/.exec(
    message,
  )?.[1];
  return said === undefined ? codes : [...codes, said];
}
