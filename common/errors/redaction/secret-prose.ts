import { REDACTED } from './redacted.js';

/** "Password" in the languages in which services write their errors. */
const PASSWORD =
  'كلمة المرور|كلمة السر|הסיסמה|סיסמה|पासवर्ड|kata sandi|รหัสผ่าน|رمز عبور|slaptažodis|lozinka|geslo|heslem|parool|contrasenya|clave|hasło to|parolan[ıi]z|[şs]ifreniz|l[öo]senordet|passordet|adgangskoden|wachtwoord|private key|secret answer|security answer|client secret|secret key|secret access key|access key|access token|signing secret|passwords?|passwd|pass ?phrase|pass ?code|pwd|pin|passwort|kennwort|mot de passe|contrase[ñn]a|clave secreta|senha|palavra-passe|wachtwoord|has[łl]o|l[öo]senord|adgangskode|passord|salasana|heslo|jelsz[óo]|parol[aă]?|[şs]ifre|пароль|пароля|κωδικ[όο]ς|密码|密碼|口令|パスワード|비밀번호|mật khẩu|secret|api[ _-]?key|token';
const IS =
  'is now|is|was|are|set to|changed to|reset to|has been (?:set|changed|reset|updated) to|ist|lautet|war|est|es|era|é|è|jest|är|er|on|je|is als|este|היא|هي|هو|है|adalah|равен|是|为|為|は|는|은|là';
/** What may stand between the word and a colon. */
const ADJECTIVE =
  'errat[ao]|incorret[ao]|incorrect[ao]?|wrong|temporaire|provisoire|temporal|provisional|provis[óo]ri[ao]|temporane[ao]|inv[áa]lid[ao]';
const IN_PROSE = new RegExp(
  `(?:(?<![\\p{L}\\p{N}_]|\\barn:[^\\s"']{0,150})|(?=[密口パ비]))((?:${PASSWORD})(?: (?:${ADJECTIVE})(?=\\s{0,2}:))?(?:\\s{1,3}(?:${IS})|\\s{0,3}(?:是|为|為|は|는|은))?(?:\\s{0,3}[:=：—]\\s{0,3}|\\s{1,3}|(?<=[是为為は는은])\\s{0,2}))(?:(["'\`“«「(])([^"'\`”»」)\\r\\n]{1,100})|([^\\s"'\`“”«»「」<>]{3,200}))`,
  'giu',
);
/** Whether the words before a value say that it comes now: "the password hunter2" may, "password reset" does not. */
const SAYS = new RegExp(`(?:\\s(?:${IS})|[是为為は는은:=：—])\\s{0,3}$`, 'iu');

/** What passwords are said to be, other than themselves. */
const SAID =
  /^(?:required|incorrect|wrong|invalid|missing|expired|not|too|empty|blank|weak|null|undefined|true|false|the|an?|in|on|at|to|for|of|or|and|same|already|used|set|stored|needed|mandatory|optional|case|hashed|valid|correct|short|long|being|no|now|sent|unknown|bad|different|similar|common|ok|okay|reset|change|field|must|hidden|none|denied|available|here|there|falsch|ung[üu]ltig|erforderlich|abgelaufen|nicht|leer|fehlt|zu|incorrect[ao]?|inv[áa]lid[ao]?|requerid[ao]|obligatori\p{L}{1,3}|vale|nije|nu|neteising\p{L}{1,4}|vac[íi][ao]|necesari[ao]|demasiado|caducad[ao]|invalide|requise?|obligatoire|vide|expir[ée]e?|trop|manquante?|incorret[ao]|obrigat[óo]ri[ao]|onjuist|verplicht|verkeerd|ongeldig|leeg|nieprawid[łl]owe|wymagane|puste|неверен|nespr[áa]vn[éeáý]|chybn[éeáý]|neplatn[éeáý]|povinn[éeáý]|yanl[ıi][şs]|gerekli|non|n[ãa]o|ne|n'est|неверный|обязателен|必須|不正确|错误|无效|string|object|number)(?:[.,;:!?)]|$)/iu;

/** The same where words are not set apart. */
const SAID_CJK = /^(?:必須|必填|必要|필수|필요|잘못|올바르|正し|无效|無效|错误|錯誤|不)/;

/** "The password is hunter2", and the like in other languages. Not "the password is required". */
export function redactProse(text: string): string {
  return text.replace(
    IN_PROSE,
    (
      all,
      before: string,
      quote: string | undefined,
      quoted: string | undefined,
      bare: string | undefined,
      at: number,
    ) => {
      const says =
        SAYS.test(before) ||
        (quoted !== undefined &&
          quote !== '(' &&
          (/\bwith (?:the )?$/i.test(text.slice(Math.max(0, at - 9), at)) ||
            (/^pass ?phrase/i.test(before) && quoted.includes(' '))));
      if (quoted !== undefined) {
        const likely = says || (isSecretWord(quoted, '', false) && !quoted.includes('-'));
        return likely && !SAID.test(quoted) && !quoted.startsWith(REDACTED)
          ? `${before}${quote}${REDACTED}`
          : all;
      }
      const value = bare ?? '';
      const core = value.replace(/[.,;:!?)\]}]+$/u, '');
      if (core.length < 3 || value.startsWith(REDACTED) || SAID.test(value) || SAID_CJK.test(value))
        return all;
      const rest = value.slice(core.length) + text.slice(at + all.length, at + all.length + 2);
      return isSecretWord(core, rest, says) ? `${before}${REDACTED}${value.slice(core.length)}` : all;
    },
  );
}

/** Words of a language are secrets only at the end of a sentence that says so. */
function isSecretWord(word: string, rest: string, says: boolean): boolean {
  if (/^(?:https?:|process\.env\b|os\.environ\b|\/|\[|\{|\(|<|-|&|\|)/.test(word)) return false;
  const mixed = /\d/.test(word) && /\p{L}/u.test(word);
  const marked = /[!@#$%^&*_+~=?].*\p{L}|\p{L}.*[!@#$%^&*_+~=?]/u.test(word);
  if (!says)
    return word.length >= 6 && mixed && /\d.*[a-z].*\d|[a-z].*\d/i.test(word) && !/[_=:/.]/.test(word);
  if (mixed || (marked && !/[=_]/.test(word)) || /\p{Ll}\p{Lu}/u.test(word) || /^\d{4,12}$/.test(word))
    return true;
  return (
    word.length >= 4 && /^[.!,;]?(?:\s*$|\n)/.test(rest) && !/(?:ed|ing|ly|able|ible|ent|ive)$/.test(word)
  );
}

/** "The passcode for the meeting is 482913", "password to log in: hunter2", "password changed from a1 to b2". */
const AT_SOME_DISTANCE =
  /\b((?:password|passcode|pin) (?:(?:for|of|to) [a-z ]{1,30}(?<!user|username|account|login|email)(?: is|:) |changed from \S{3,60} to ))([^\s"'<>]{4,60})/gi;
const CHANGED_FROM = /\b(password changed from )(?!\[REDACTED\])([^\s"'<>]{4,60})(?= to )/gi;

const CREDENTIALS =
  /\b(credentials?(?: for)?:? (?:[\w.@-]{1,40}|\[REDACTED\])(?::| ?\/ ?))(?!\[REDACTED\])([^\s"',;/]{4,60})/gi;

function redactAtSomeDistance(text: string): string {
  const hide = (all: string, before: string, value: string) =>
    isSecretWord(value.replace(/[.,;:!?)]+$/, ''), '', true) && /\d/.test(value)
      ? `${before}${REDACTED}`
      : all;
  return text.replace(AT_SOME_DISTANCE, hide).replace(CHANGED_FROM, hide).replace(CREDENTIALS, hide);
}

/** Codes that open a door once: "your verification code is 482913". */
const ONE_TIME =
  /\b((?:verification|security|access|log-?in|one[- ]time|recovery|backup|auth(?:entication)?|confirmation|sms|2fa|mfa|otp|pin)(?: code| password| pin)?(?: is| was|:)?:? {1,3})(\d{4,8}|\d{3}[ -]\d{3})\b(?![-.:/]\d)/gi;
/** "482913 is your verification code", "Use code 482913 to sign in", "recovery code: 8F3K-9QXM", and in other languages. */
const CODES: readonly RegExp[] = [
  /(?<![\w.-])(?:[A-Z]-)?\d{4,8}(?= is your (?:\w{1,20} ){0,3}(?:code|pin|otp|password)\b)/gi,
  /(?<=\b(?:use|enter|with) (?:the )?(?:code )?)\d{4,8}(?= to (?:sign|log|verify|confirm|reset)\b)/gi,
  /(?<=\b(?:recovery|backup) code(?: is|:)? )(?=[A-Z0-9-]{0,20}\d)[A-Z0-9]{4,6}(?:-[A-Z0-9]{4,6}){1,5}\b/g,
  /(?<=(?:\b(?:Zugangscode|Best[äa]tigungscode|Einmalcode|TAN|code de v[ée]rification|c[óo]digo de verificaci[óo]n|c[óo]digo de verifica[çc][ãa]o|codice di verifica|verificatiecode)|код подтверждения|验证码|驗證碼|認証コード|確認コード|인증번호)(?: (?:ist|lautet|est|es|é|è|is)|是|为|為|は|는|은)?\s{0,2}[:：]?\s{0,2})\d{4,8}(?!\d)/gi,
];
const CARD_CODE =
  /\b((?:(?:cvv|cvc|cvn|csc)2?|sicherheitscode|kartenprüfnummer|código de seguridad|cryptogramme)(?![\wÀ-ÿ])(?: code)?(?: is| was)?[ :=#"']{1,4})\d{3,4}\b/gi;

const ANY_CODE =
  /code|c[óo]di[gc]|credential|pin\b|otp\b|password|2fa|mfa|sms|c[vs][vcn]|\bTAN\b|to (?:sign|log|verify)|nummer|cryptogramme|код|码|碼|コード|번호/i;

export function redactCodes(text: string): string {
  if (!ANY_CODE.test(text)) return text;
  return CODES.reduce(
    (redacted, pattern) => redacted.replace(pattern, REDACTED),
    redactAtSomeDistance(text).replace(ONE_TIME, `$1${REDACTED}`).replace(CARD_CODE, `$1${REDACTED}`),
  );
}
