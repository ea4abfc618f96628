import { ErrorCategory } from '../category.js';
import { categoryOfMysqlNumber, categoryOfNamedCode } from './database-codes.js';
import { categoryOfSmtpReply } from './protocol-replies.js';
import { categoryOfSqlState } from './sql-states.js';
import { categoryOfVendorCode } from './vendor.js';

const { CLIENT, NETWORK, TIMEOUT } = ErrorCategory;

type Rule = readonly [pattern: RegExp, read: (code: string) => ErrorCategory | undefined];

/** How libraries, also of other languages, write a code into a message, and whose code it is. One more: one line. */
const RULES: readonly Rule[] = [
  // pgx, PDO, Db2
  [/\bSQLSTATE(?:[ =:]{1,2}|\[)([0-9A-Z]{5})\b/, categoryOfSqlState],
  // Go's and Python's drivers of MySQL
  [/^Error \d{4} \(([0-9A-Z]{5})\): /, categoryOfSqlState],
  [/^(?:Error |\()(\d{4})(?: \([0-9A-Z]{5}\): |, ["'])/, categoryOfMysqlNumber],
  // boto3, AWS SDK for Go
  [/^An error occurred \((\w{2,60})\) when calling /, categoryOfVendorCode],
  [/\bapi error (\w{2,60}): /, categoryOfVendorCode],
  // Cloudflare D1, Turso
  [/\b(SQLITE_[A-Z]{3,20})\b/, categoryOfNamedCode],
  // A body that became a message
  [/["']code["']: ?["'](\w{3,60})["']/, categoryOfVendorCode],
  // Python's smtplib: `(451, b'4.7.1 try again later')`
  [/^(?:\{'[^']{1,200}': )?\((\d{3}), b["']/, categoryOfSmtpReply],
  // Browsers under Puppeteer, Playwright and Selenium
  [/\b(?:net::ERR|NS_ERROR)_([A-Z0-9_]{3,60})/, categoryOfBrowserCode],
];

/** Of a message such as `An error occurred (ThrottlingException) when calling the PutItem operation`. */
export function categoryOfSaidCode(message: string): ErrorCategory | undefined {
  for (const [pattern, read] of RULES) {
    const code = pattern.exec(message)?.[1];
    const category = code === undefined ? undefined : read(code);
    if (category !== undefined) return category;
  }
  return undefined;
}

const BROWSER: readonly (readonly [RegExp, ErrorCategory])[] = [
  [/TIMED_OUT|TIMEOUT/, TIMEOUT],
  [/TOO_MANY_REDIRECTS|REDIRECT_LOOP|INVALID_URL|UNSAFE_PORT|MALFORMED_URI|UNKNOWN_PROTOCOL/, CLIENT],
  [
    /CONNECTION|NAME_NOT|ADDRESS|NETWORK|INTERNET|NET_|SSL|CERT|TUNNEL|PROXY|SOCKET|EMPTY_RESPONSE|HTTP2|QUIC|UNKNOWN_HOST/,
    NETWORK,
  ],
];

function categoryOfBrowserCode(code: string): ErrorCategory | undefined {
  return BROWSER.find(([pattern]) => pattern.test(code))?.[1];
}
