import { plainJson } from '../plain-json.js';
import { isObject } from '../safe.js';
import { quoteAt, skipBare, skipValue } from '../skip-value.js';
import { isCard, redactPersonalData } from './personal-data.js';
import { REDACTED } from './redacted.js';
import { redactCommands } from './secret-commands.js';
import { type SecretNames, secretNames } from './secret-names.js';
import { redactCodes, redactProse } from './secret-prose.js';
import { redactPaths, redactShapes } from './secret-shapes.js';

/** Takes secrets out of what is shown. Every method is idempotent, and linear in the length of its input. */
export interface Redactor {
  /** Messages, logs, stacks: whatever form a secret has in them. */
  text(text: string): string;
  /** URLs: credentials, and values of secret parameters. */
  url(url: string): string;
  /** A copy; values of secret headers are replaced, others treated as text. */
  headers(headers: Record<string, string>): Record<string, string>;
  /** A plain copy; values of secret fields are replaced, strings treated as text. */
  json(value: unknown): unknown;
  /** JSON, also cut off, forms, XML, multipart. */
  body(body: string): string;
}

/** What counts as a secret, beside what always does. */
export interface RedactionOptions {
  /**
   * Further names of fields, headers and query parameters whose values are secrets: strings in any case, with or
   * without hyphens and underscores, or patterns for the name as it is written.
   */
  readonly keys?: readonly (string | RegExp)[];
  /** Whether numbers of cards, IBAN and US social security numbers are secrets wherever they are. @default true */
  readonly personalData?: boolean;
}

/** Two in practice; a text that is made for it cannot take longer. */
const MAX_ROUNDS = 5;

/** A redactor for the built-in names and shapes of secrets, and for further names. */
export function createRedactor({ keys = [], personalData = true }: RedactionOptions = {}): Redactor {
  const names = secretNames(keys);
  const steps: readonly ((text: string, names: SecretNames) => string)[] = [
    ...(personalData ? [redactPersonalData] : []),
    ...[redactShapes, redactUrls, redactPaths, redactMarkup, redactFields, redactCommands, redactAssignments],
    ...[redactProse, redactCodes],
  ];
  const text = (value: string): string => {
    let redacted = value;
    // What was redacted may be the boundary that the next secret lacked.
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const next = steps.reduce((rest, step) => step(rest, names), redacted);
      if (next === redacted) break;
      redacted = next;
    }
    return redacted;
  };
  const json = (value: unknown): unknown => redactJson(plainJson(value), names, text, personalData);
  return {
    text,
    url: text,
    json,
    body: (value) => {
      const hidden = text(value);
      // The first parameter of a form has no separator before it.
      return isForm(hidden) ? text(redactParameters(`&${hidden}`, names).slice(1)) : hidden;
    },
    headers: (headers) =>
      Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [
          name,
          names.isSecret(name) ? REDACTED : text(String(value)),
        ]),
      ),
  };
}

function redactUrls(text: string, names: SecretNames): string {
  const withoutUsers = text
    .replace(/(:(?:\\?\/){2})[^/?#\s"'`<>\\]*@/g, `$1${REDACTED}@`)
    // A password with a slash in it; a port before the slash is none.
    .replace(
      /(:(?:\\?\/){2})([^/?#\s"'`<>@:\\]*:(?!\d{1,5}(?:[/?#]|\\\/|$))[^\s"'`<>@\\]{0,300})@/g,
      `$1${REDACTED}@`,
    )
    .replace(/(%3A%2F%2F)(?:(?!%2F|%3F|%40)[^\s"'<>&/]){1,200}%40/gi, `$1${REDACTED}%40`);
  return redactParameters(withoutUsers, names);
}

function redactParameters(text: string, names: SecretNames): string {
  const hide = (all: string, before: string, name: string, equals: string) =>
    names.isSecretParameter(name) ? `${before}${name}${equals}${REDACTED}` : all;
  return (
    text
      .replace(/([?&#]|&amp;)([^=&?#\s"'<>]{1,100})(=)[^&#\s"'<>\\]+/g, hide)
      // The first of a form has no separator before it.
      .replace(/()(?<![\w.%+[\]-])([\w.%+[\]-]{1,100})(=)[^&=#\s"'<>\\]+={0,2}(?=&)/g, hide)
      .replace(/(%3F|%26)([\w.-]{1,64})(%3D)(?:(?!%26)[^\s&#"'<>\\])+/gi, hide)
  );
}

const NAMED_VALUE =
  /((?<![\w-])["']?(?:name|key|header)["']?\s{0,3}[:=]\s{0,3}["']([\w.:-]{1,64})["'][^<>{}"']{0,10}["']?(?:value|content)["']?\s{0,3}[:=]\s{0,3}["'])[^"'<>]{1,400}/g;

/** `<password>…</password>`, and the parts of a multipart form. */
function redactMarkup(text: string, names: SecretNames): string {
  return (
    text
      .replace(
        /<([\w.:-]{1,64})(\s[^<>]{0,200})?>(?:<!\[CDATA\[[^<>]{1,400}\]\]>|[^<>]+)/g,
        (all, name: string, attributes = '') =>
          names.isSecret(name.replace(/^.*:/, '')) ? `<${name}${attributes}>${REDACTED}` : all,
      )
      // `name="password" value="…"`, also as JSON.
      .replace(NAMED_VALUE, (all, before: string, name: string) =>
        names.isSecret(name) ? `${before}${REDACTED}` : all,
      )
      .replace(
        /(name="([^"\r\n]{1,64})"[^\r\n]{0,200}\r?\n(?:[^\r\n]{1,200}\r?\n){0,3}\r?\n)[^\r\n]+/g,
        (all, before: string, name: string) => (names.isSecret(name) ? `${before}${REDACTED}` : all),
      )
  );
}

/** `"password": …` with whatever JSON value, also in text that was cut and is no JSON any more. */
function redactFields(text: string, names: SecretNames): string {
  const field = /(?<!\\)(\\*)(["'])([^"'\\\s:{},[\]]{1,64})\1\2\s{0,20}(?::|=>|=)\s{0,20}/g;
  return replaceValues(text, field, (match, start) => {
    if (!names.isSecret(match[3] as string)) return undefined;
    if (/^(?:null|true|false)\b/.test(text.slice(start, start + 6))) return undefined;
    if (isSaidInList(text.slice(start, start + MAX_SAID))) return undefined;
    const mark = `${match[1]}${match[2]}`;
    const bare = quoteAt(text, start) === undefined && !/[{[]/.test(text[start] ?? '');
    return {
      end: bare ? skipBare(text, start, true) : skipValue(text, start),
      text: `${mark}${REDACTED}${mark}`,
    };
  });
}

const MAX_SAID = 300;
const SAYING =
  "(?:(?:the|your|this|new) )?(?:[a-z ]{0,30} )?(?:is|are|must|should|can(?:not|'t| not)|has|does|doesn't|needs?|may|too|required|missing|invalid)";
const SAID_IN_LIST = new RegExp(
  `^\\[\\s{0,20}\\\\*"${SAYING}\\b[^"\\d]{0,20}(?: \\d{1,3} )?[^"\\d]{0,120}"\\s{0,20}[,\\]]`,
  'i',
);
const SAID_IN_LINE =
  /^(?:(?:Bearer|Basic) (?:tokens? |auth\w* |credentials? )?(?:is )?(?:missing|required|invalid|expired|not)\b|\[?required\b|missing\b|must\b|should\b|cannot\b|can't\b|is (?:required|missing|invalid|too|not)\b|too (?:short|long|weak)\b|not (?:set|given|found|present|provided|allowed|supported|valid)\b|invalid\b(?= |$)|may not\b)/i;

/** `"password": ["is too short"]`, as Rails, Django and Laravel answer: about the field, and not what it holds. */
function isSaidInList(value: string): boolean {
  return SAID_IN_LIST.test(value);
}

/** `Authorization: …`, `password=…`, `secret: { … }` in running text. Quotes stay. */
function redactAssignments(text: string, names: SecretNames): string {
  // Also `key := "…"`, `key: string = "…"`, `setKey("…")`, `define('KEY', '…')`, `Some("…")`, `N'…'`.
  const assignment =
    /(?<![\w.-])(\.?[A-Za-z_][\w.-]*)(?:\s{0,3}(?:=>|:=|[:=])[ \t]{0,3}(?:(?:&?str|[Ss]tring|SecretStr)\??\s?=\s?)?(?:(?:Some|Option|Secret)\((?=\\*["'])|[Nbrf](?=["']))?|["']\s{0,3},\s{0,3}(?=["'])|\((?=["'`]))/g;
  return replaceValues(text, assignment, (match, start) => {
    const name = match[1] as string;
    if (!names.isSecret(name)) return undefined;
    const operator = match[0].slice(name.length);
    // Only what sets something; `getToken("users")` names it. Lists of fields have names after names.
    if (operator === '(' && !/(?:^|\.)(?:set|with)[A-Z_][\w]*$/.test(name)) return undefined;
    if (/^["']/.test(operator) && !isCallWithValue(text, match.index, start)) return undefined;
    // `AuthService.password.ts:10:3` is a place in code, `arn:aws:…:secret:name` an address.
    if (SOURCE.test(name) && /^\d/.test(text.slice(start, start + 1))) return undefined;
    if (/\barn:[^\s"']{0,150}$/.test(text.slice(Math.max(0, match.index - 160), match.index)))
      return undefined;
    if (/:[ \t]+$/.test(operator) && SAID_IN_LINE.test(text.slice(start, start + 40))) return undefined;
    // "(using password: YES)", as MySQL says it.
    if (/^(?:yes|no|true|false|null|none|undefined)(?![\w.-])/i.test(text.slice(start, start + 10)))
      return undefined;
    // A category with its status, as circuit breakers and logs write it.
    if (name === 'AUTH' && /^\d{3}(?![\w.-])/.test(text.slice(start, start + 5))) return undefined;
    const quote = quoteAt(text, start);
    if (quote === undefined && CODE.test(text.slice(start, start + 40))) return undefined;
    if (quote === undefined) return { end: endOfAssigned(text, start, name), text: REDACTED };
    const mark = text.slice(start, quote.after);
    return { end: skipValue(text, start), text: `${mark}${REDACTED}${mark}` };
  });
}

/** A type, a variable of the environment or a call: where the secret comes from, and not what it is. */
const CODE =
  /^(?:(?:string|number|boolean|unknown|any|str|bytes)(?:;|,|\)|\s*[=|]|\[\]|$)|(?:Optional|Secret|Union|Annotated)\[|(?:process|import\.meta)\.env\b|os\.(?:environ|getenv)\b|getenv\(|[a-z]\w{1,30}\(\))/;

const SOURCE = /\.(?:[cm]?[jt]sx?|py|rb|go|java|php|cs|rs|vue|kt)$/i;

/** `define('DB_PASSWORD', 'x1')`: behind a bracket, and the value is no name itself. */
function isCallWithValue(text: string, start: number, end: number): boolean {
  return (
    /\(\s{0,3}["']$/.test(text.slice(Math.max(0, start - 5), start)) &&
    !/^["'][a-z_]*["']/.test(text.slice(end, end + 64))
  );
}

/** Schemes with one credential, and those with parameters, all of which are the credential. */
const SCHEME = /^(?:Bearer|Basic|Token|ApiKey|Negotiate|NTLM|SharedKey)[ \t]+/i;
/** A vendor's own: `SSWS …`, `GenieKey …`. */
const OWN_SCHEME = /^[A-Za-z][\w-]{1,20}[ \t]+(?=[^\s"',;=]{16,})/;
const SCHEME_WITH_PARAMETERS = /^(?:Token(?= token=)|MAC|Digest|OAuth|Hawk|Signature|HMAC|AWS4-)\S*[ \t]/i;

function endOfAssigned(text: string, start: number, name: string): number {
  if (/cookies?$/i.test(name)) return endAt(LINE_OR_QUOTE, text, start);
  const beginning = text.slice(start, start + 40);
  if (SCHEME_WITH_PARAMETERS.test(beginning)) return endAt(LINE, text, start);
  const scheme =
    (SCHEME.exec(beginning) ?? (/authori[sz]ation$/i.test(name) ? OWN_SCHEME.exec(beginning) : null))?.[0] ??
    '';
  // A block of YAML.
  const block = /^[|>][+-]?\r?\n[ \t]{1,20}/.exec(beginning)?.[0];
  if (block !== undefined) return skipBare(text, start + block.length);
  const isStructure = /^[{[]/.test(beginning) && !beginning.startsWith(REDACTED);
  return skipBare(text, isStructure ? skipValue(text, start) : start + scheme.length);
}

const LINE = /[\r\n]/g;
const LINE_OR_QUOTE = /[\r\n"'`]|\\[nr"']/g;

function endAt(end: RegExp, text: string, start: number): number {
  end.lastIndex = start;
  return end.exec(text)?.index ?? text.length;
}

/** Replaces what follows a match, when `decide` says so, and goes on after it. */
function replaceValues(
  text: string,
  pattern: RegExp,
  decide: (match: RegExpExecArray, start: number) => { end: number; text: string } | undefined,
): string {
  let result = '';
  let done = 0;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const start = match.index + match[0].length;
    const value = decide(match, start);
    if (value === undefined || value.end <= start) continue;
    result += text.slice(done, start) + value.text;
    done = value.end;
    pattern.lastIndex = done;
  }
  return result + text.slice(done);
}

/** Of a plain value. Also `[name, value]` pairs in a list, and `{ name, value }`, as some clients keep headers. */
function redactJson(
  value: unknown,
  names: SecretNames,
  text: (value: string) => string,
  personalData: boolean,
): unknown {
  const secret = (name: unknown): boolean => typeof name === 'string' && names.isSecret(name);
  const hide = (item: unknown): unknown => (item === null || typeof item === 'boolean' ? item : REDACTED);
  const visit = (item: unknown, inList: boolean): unknown => {
    if (typeof item === 'string') return text(item);
    if (personalData && typeof item === 'number' && isCard(String(item))) return REDACTED;
    if (!isObject(item)) return item;
    if (Array.isArray(item)) {
      return inList && item.length === 2 && secret(item[0])
        ? [item[0], hide(item[1])]
        : item.map((each) => visit(each, true));
    }
    const record = item as Record<string, unknown>;
    const named = secret(record.name) || secret(record.key);
    return Object.fromEntries(
      Object.entries(record).map(([key, each]) => [
        key,
        secret(key) || (named && key === 'value') ? hide(each) : visit(each, false),
      ]),
    );
  };
  return visit(value, false);
}

function isForm(body: string): boolean {
  return /^[\w.%+[\]-]{1,100}=[^\s{}<>"]*/.test(body) && !/^\S*\s\S/.test(body.slice(0, 200));
}

export { REDACTED } from './redacted.js';

/** The redactor that `createRedactor` makes without options. */
export const defaultRedactor: Redactor = createRedactor();
