import { ErrorCategory } from './category.js';

const { AUTHENTICATION, CLIENT, NETWORK, SERVER, TIMEOUT } = ErrorCategory;

/** What failures say in plain words, when nothing else came through: the last to be asked. */
const TEXTS: readonly (readonly [RegExp, ErrorCategory])[] = [
  [
    /\b(?:all configured authentication methods failed|(?:password )?authentication failed|login (?:failed|incorrect)|access denied for user|(?:invalid|incorrect|bad|wrong) (?:user ?name|login|user|e-?mail)(?:,? (?:or|and|\/) ?password)?\b|(?:invalid|incorrect|wrong|expired|bad|missing) (?:api[ _-]?key|(?:access |auth(?:entication)? |bearer |refresh )?token|credentials?|password)|(?:token|session|credentials?) (?:has |have |is |was )?(?:expired|revoked|been revoked)|not authori[sz]ed to|connection refused: (?:not authori[sz]ed|bad user ?name|identifier)|permission denied|unauthenticated|invalid_grant|login was refused|authentication failure|(?:unable to locate|could not (?:load|find)|failed to load) (?:\w+ )?credentials|api[ _-]?key\b[^.]{0,30}\b(?:not valid|invalid|rejected|revoked|disabled|expired|incorrect))\b/i,
    AUTHENTICATION,
  ],
  // The phrases of 401 and 403, as far as a message begins with one.
  [/^(?:unauthori[sz]ed|forbidden)(?=$|[:.,;(] ?)/i, AUTHENTICATION],
  [
    /\b(?:dead_?lock(?:ed)?|lock wait timeout|could not obtain lock|too many (?:connections|clients)|database is locked|could not serialize access|shutting down|recovery mode|(?:circuit )?breaker is open|circuit is open|server (?:at \S{1,80} )?(?:is )?not available)\b/i,
    SERVER,
  ],
  [
    /\b(?:connection (?:was |has been |is |to \S{1,80} )?(?:reset|refused|closed|lost|terminated|aborted|dropped|broken)|(?:closed|lost|reset|dropped|refused) (?:the )?connection|connection ended|connection error|no (?:\w+ )?connection (?:is )?available|connection (?:is )?not (?:available|open|established)|no connection could be made|actively refused|(?:web)?socket (?:is )?not open|websocket was closed|(?:fin|rst) packet|all broker connections are down|channel (?:closed|closing|ended)|client is (?:closed|offline)|connect ?error|socket (?:hang up|hangup|closed|was closed|disconnected)|broken pipe|network (?:is unreachable|error|changed|socket disconnected)|no route to host|host (?:is )?unreachable|unable to (?:connect|reach)|unreachable hosts?|(?:could not|cannot|can't|failed to) (?:connect|resolve|reach)|name or service not known|name resolution|getaddrinfo|read ECONN|(?:connect|read|write) E[A-Z]{4,16})\b/i,
    NETWORK,
  ],
  // Of the platform itself, alone or at the end. "Record fetch failed: no such customer" is of the user's own code.
  [/(?:^|[:(] ?)[Ff]etch failed\W{0,3}$/, NETWORK],
  // TLS, as Go, Python and OpenSSL say it.
  [
    /\b(?:x509: |tls: |ssl: )|\bcertificate (?:verify failed|has expired|signed by unknown)|\bself[- ]signed certificate|\bunable to (?:verify the first|get (?:local )?issuer) certificate|\b(?:tls|ssl) handshake fail/i,
    NETWORK,
  ],
  // Go's `Post "https://h/": EOF`.
  [/^(?:Get|Post|Put|Patch|Delete|Head) "\S{1,200}": EOF$/, NETWORK],
  // At the end of what Go's clients say. A parser says "unexpected EOF" of a record, and a record may have a host.
  [/(?:\blookup .*|: )no such host$/i, NETWORK],
  [
    /^(?!.*\b(?:pars(?:e|ed|ing|er)|yaml|xml|csv|json|toml|record|syntax ?error|element|unmarshal\w*|decod\w+|line \d+)\b).*\bunexpected (?:EOF|end of file)\b/is,
    NETWORK,
  ],
  [
    /(?:<!doctype html|<html|unexpected token '?<|not valid json|unexpected mime ?type|(?:expected|unexpected) content[- ]type|invalid json (?:received|response|body)|unexpected end of json|(?:expected|not|instead of) (?:a )?json\b|unclosed root tag|non-whitespace before first tag|unexpected close tag|root element of wsdl was <html>|invalid character .{1,5} looking for beginning of value)/i,
    SERVER,
  ],
  [
    /\b(?:temporarily unavailable|service unavailable|bad gateway|gateway time-?out|internal server error|overloaded|try again later)\b/i,
    SERVER,
  ],
  [/^(?:invalid url|unsupported protocol)/i, CLIENT],
];

const TIMED_OUT =
  /\b(?:timed[- ]?out|time-?out (?:exceeded|expired|of|after|awaiting|while|reached|occurred|error)|aborted due to timeout|deadline exceeded|(?:request|connection|connect|read|write|socket|query|handshake|operation|gateway|response|idle|acquire|i\/o|heartbeat|keep-?alive|connack|network|tls|ssl|dns) time-?out)\b|^time-?out(?::| \()|: time-?out$|^"?time-?out"?$/i;

const MAX_MESSAGE = 300;

export function categoryOfText(message: string): ErrorCategory | undefined {
  const text = message.slice(0, MAX_MESSAGE);
  return TEXTS.find(([pattern]) => pattern.test(text))?.[1];
}

/** Asked before the names of classes: a connection error whose message says that it timed out did. */
export function categoryOfTimeoutText(message: string): ErrorCategory | undefined {
  return TIMED_OUT.test(message.slice(0, MAX_MESSAGE)) ? TIMEOUT : undefined;
}
