import { ErrorCategory } from '../category.js';
import { get, getString } from '../safe.js';
import { lookUp, tableOf } from '../table.js';
import { applicationType } from './temporal.js';

const { AUTHENTICATION, CLIENT, SERVER } = ErrorCategory;

/** Replies of FTP (RFC 959, RFC 4217). What is not here: 4xx is transient, 5xx permanent. */
const FTP = tableOf({
  NETWORK: '421 425 426 434',
  AUTHENTICATION: '331 332 430 530 532 533 534 535 536 537',
});

/** Replies of SMTP (RFC 5321, RFC 4954). */
const SMTP = tableOf({
  NETWORK: '421',
  AUTHENTICATION: '530 534 535 538',
  CLIENT: '500 501 502 503 504',
});
/** nodemailer's codes, where no reply came. */
const SMTP_CODES = tableOf({
  AUTHENTICATION: 'EAUTH ENOAUTH EOAUTH2',
  NETWORK: 'ECONNECTION EDNS ETLS ESOCKET EPROXY EREQUIRETLS',
  VALIDATION: 'EENVELOPE EMESSAGE',
});

/** Status codes of SFTP (draft-ietf-secsh-filexfer-02 §7), with the texts that name them in libraries. */
const SFTP: Readonly<Record<number, readonly [text: RegExp, category: ErrorCategory]>> = {
  2: [/no such file/i, CLIENT],
  3: [/permission denied/i, AUTHENTICATION],
  4: [/failure/i, SERVER],
  5: [/bad message/i, CLIENT],
  6: [/no connection/i, 'NETWORK'],
  7: [/connection lost/i, 'NETWORK'],
  8: [/unsupported/i, CLIENT],
};
/** ssh2's `level`. */
const SSH = tableOf({
  AUTHENTICATION: 'client-authentication agent',
  TIMEOUT: 'client-timeout',
  NETWORK: 'client-socket client-dns protocol handshake',
});

/** Response codes of IMAP (RFC 5530), as imapflow and node-imap keep them. */
const IMAP = tableOf({
  AUTHENTICATION: 'AUTHENTICATIONFAILED AUTHORIZATIONFAILED EXPIRED PRIVACYREQUIRED NOPERM CONTACTADMIN',
  SERVER: 'UNAVAILABLE INUSE SERVERBUG CORRUPTION',
  RATE_LIMIT: 'LIMIT THROTTLED',
  CLIENT: 'CANNOT OVERQUOTA ALREADYEXISTS NONEXISTENT TRYCREATE CLIENTBUG EXPUNGEISSUED TOOBIG BADCHARSET',
});
const IMAP_SOURCES = tableOf({
  AUTHENTICATION: 'authentication',
  TIMEOUT: 'timeout timeout-auth',
  NETWORK: 'socket socket-timeout',
});

/** Reply codes of AMQP 0-9-1. */
const AMQP = tableOf({
  NETWORK: '320',
  SERVER: '311 405 506 541',
  AUTHENTICATION: '403 530',
  CLIENT: '312 313 402 404 406 501 502 503 504 505 540',
});

/** Result codes of LDAP (RFC 4511), and of OpenLDAP's client above 80. */
const LDAP = tableOf({
  AUTHENTICATION: '7 8 13 14 48 49 50',
  TIMEOUT: '3 85',
  SERVER: '1 10 51 52 80',
  RATE_LIMIT: '11',
  NETWORK: '81 82 91',
  VALIDATION: '17 18 19 20 21 34 64 65',
  CLIENT: '2 4 16 32 33 36 53 66 67 68 69 71 83 84 92',
});

/** Codes of NatsError that words do not tell. */
const NATS = tableOf({
  NETWORK: '503 DISCONNECT CONNECTION_DRAINING',
  TIMEOUT: '408 IDLE_HEARTBEAT',
  SERVER: '409',
  AUTHENTICATION:
    'BAD_AUTHENTICATION BAD_CREDS AUTHENTICATION_EXPIRED ACCOUNT_EXPIRED AUTHENTICATION_TIMEOUT',
  CLIENT: '404 BAD_SUBJECT BAD_PAYLOAD INVALID_PAYLOAD MAX_PAYLOAD_EXCEEDED',
});

/** What servers of FTP, SMTP, SFTP, IMAP, AMQP and LDAP reply: their codes only look like those of HTTP. */
export function categoryOfReply(link: unknown): ErrorCategory | undefined {
  return (
    bySmtp(link) ?? byFtp(link) ?? byAmqp(link) ?? byLdap(link) ?? bySsh(link) ?? byImap(link) ?? byNats(link)
  );
}

/** The client of NATS gives the status of a message as its code: 503 says that no service listens on the subject. */
function byNats(link: unknown): ErrorCategory | undefined {
  return getString(link, 'name') === 'NatsError' ? lookUp(NATS, link, 'code') : undefined;
}

/** Whether a code of three digits is one of another protocol than HTTP. */
export function isReply(link: unknown): boolean {
  return isFtp(link) || isSmtp(link) || isAmqp(link);
}

/** 454 and the like: the log-in failed for now, whatever the client calls it. */
export function categoryOfSmtpReply(reply: string): ErrorCategory | undefined {
  return SMTP.get(reply) ?? (reply >= '500' ? CLIENT : reply >= '400' ? SERVER : undefined);
}

function bySmtp(link: unknown): ErrorCategory | undefined {
  if (!isSmtp(link)) return undefined;
  const reply = Number(get(link, 'responseCode') ?? get(link, 'smtpCode') ?? get(link, 'smtp_code'));
  const code = getString(link, 'code') ?? '';
  if (reply >= 200 && reply <= 599) {
    const category = categoryOfSmtpReply(String(reply));
    return category === CLIENT && reply > 504 && SMTP_CODES.get(code) === AUTHENTICATION
      ? AUTHENTICATION
      : category;
  }
  if (code === 'ETIMEDOUT') return ErrorCategory.TIMEOUT;
  return SMTP_CODES.get(code);
}

function isSmtp(link: unknown): boolean {
  if (
    /smtp/i.test(namesOf(link)) ||
    get(link, 'smtpCode') !== undefined ||
    get(link, 'smtp_code') !== undefined
  )
    return true;
  const code = getString(link, 'code') ?? '';
  if (SMTP_CODES.has(code) && code !== 'ESOCKET') return true;
  const replied = typeof get(link, 'responseCode') === 'number';
  return (
    replied && (/^\d{3}[ -]/.test(getString(link, 'response') ?? '') || get(link, 'command') !== undefined)
  );
}

function byFtp(link: unknown): ErrorCategory | undefined {
  const code = Number(get(link, 'code') ?? get(link, 'responseCode') ?? ftplibReply(link));
  if (!isFtp(link) || !(code >= 300 && code <= 599)) return undefined;
  return FTP.get(String(code)) ?? (code >= 500 ? CLIENT : code >= 400 ? SERVER : undefined);
}

/** Python's `error_perm: 550 No such file`. */
function ftplibReply(link: unknown): string | undefined {
  const isFtplib = /^(?:ftplib\.)?error_(?:perm|temp|proto|reply)$/.test(applicationType(link) ?? '');
  return isFtplib ? /^\d{3}/.exec(getString(link, 'message') ?? '')?.[0] : undefined;
}

/** Text of a reply after its code; that of HTTP has its own phrases. */
const HTTP_PHRASE =
  /^\d{3}[ -:]{1,3}(?:bad request|unauthorized|payment|forbidden|not found|method not|not acceptable|request time|conflict|gone|length req|precondition|payload|content too|uri too|unsupported media|range not|expectation|misdirected|unprocess|locked|failed dep|too early|upgrade|too many requests|request header|unavailable for|internal server|not implemented|bad gateway|service (?:temporarily )?unavailable|gateway time)/i;

function isFtp(link: unknown): boolean {
  const names = namesOf(link);
  if (/(?:^|[^s])ftp/i.test(names) || ftplibReply(link) !== undefined) return true;
  const code = Number(get(link, 'code'));
  const message = getString(link, 'message') ?? '';
  // Clients of HTTP that repeat the status in the code and in the message.
  if (Number(get(link, 'status') ?? get(link, 'statusCode')) === code) return false;
  // The reply as it came, with its code at the start.
  return (
    code >= 400 &&
    code <= 599 &&
    message.startsWith(`${code}`) &&
    /^\d{3}[ -]/.test(message) &&
    !HTTP_PHRASE.test(message)
  );
}

function namesOf(link: unknown): string {
  return `${getString(link, 'name') ?? ''} ${getString(get(link, 'constructor'), 'name') ?? ''} ${getString(link, 'protocol') ?? ''}`.slice(
    0,
    200,
  );
}

function byAmqp(link: unknown): ErrorCategory | undefined {
  return isAmqp(link) ? AMQP.get(amqpReply(link) ?? String(get(link, 'code'))) : undefined;
}

/** `Handshake terminated by server: 403 (ACCESS-REFUSED) with message …` */
function amqpReply(link: unknown): string | undefined {
  return / (\d{3}) \([A-Z]+-[A-Z-]+\)/.exec(getString(link, 'message')?.slice(0, 200) ?? '')?.[1];
}

function isAmqp(link: unknown): boolean {
  return (
    /amqp/i.test(namesOf(link)) ||
    (get(link, 'classId') !== undefined && get(link, 'methodId') !== undefined) ||
    amqpReply(link) !== undefined
  );
}

function byLdap(link: unknown): ErrorCategory | undefined {
  const signed =
    /ldap/i.test(namesOf(link)) ||
    / Code: 0x[\da-f]{1,4}$/.test(getString(link, 'message')?.slice(-20) ?? '') ||
    ['lde_message', 'lde_dn', 'matchedDN'].some((sign) => get(link, sign) !== undefined);
  return signed ? LDAP.get(String(get(link, 'code') ?? get(link, 'resultCode'))) : undefined;
}

function bySsh(link: unknown): ErrorCategory | undefined {
  const level = lookUp(SSH, link, 'level');
  if (level !== undefined) return level;
  const message = getString(link, 'message') ?? '';
  const status = SFTP[Number(get(link, 'code'))];
  if (status?.[0].test(message.slice(0, 200)) && typeof get(link, 'code') === 'number') return status[1];
  // ssh2-sftp-client: `get: No such file /x`, with codes of a file system that is the server's.
  if (get(link, 'syscall') !== undefined) return undefined;
  return lookUp(FILES, link, 'code');
}

/** Codes of file systems, where no system call of this machine is named: those of a server's. */
const FILES = tableOf({
  CLIENT: 'ENOENT EEXIST ENOTDIR EISDIR ENOTEMPTY ENAMETOOLONG ERR_BAD_PATH',
  AUTHENTICATION: 'EACCES EPERM',
});

function byImap(link: unknown): ErrorCategory | undefined {
  if (get(link, 'authenticationFailed') === true) return AUTHENTICATION;
  return lookUp(IMAP, link, 'serverResponseCode', 'textCode') ?? lookUp(IMAP_SOURCES, link, 'source');
}
