import { REDACTED } from './redacted.js';
import type { SecretNames } from './secret-names.js';

/** "Password" in the languages in which services write their errors. */
const PASSWORD =
  'كلمة المرور|كلمة السر|הסיסמה|סיסמה|पासवर्ड|kata sandi|รหัสผ่าน|رمز عبور|slaptažodis|lozinka|geslo|heslem|parool|contrasenya|clave|hasło to|parolan[ıi]z|[şs]ifreniz|l[öo]senordet|passordet|adgangskoden|wachtwoord|client secret|secret key|secret access key|access key|access token|signing secret|passwords?|passwd|pass ?phrase|pass ?code|pwd|pin|passwort|kennwort|mot de passe|contrase[ñn]a|clave secreta|senha|palavra-passe|wachtwoord|has[łl]o|l[öo]senord|adgangskode|passord|salasana|heslo|jelsz[óo]|parol[aă]?|[şs]ifre|пароль|пароля|κωδικ[όο]ς|密码|密碼|口令|パスワード|비밀번호|mật khẩu|secret|api[ _-]?key|token';
const IS =
  'is now|is|was|are|set to|changed to|reset to|has been set to|ist|lautet|war|est|es|era|é|è|jest|är|er|on|je|is als|este|היא|هي|هو|है|adalah|равен|是|为|為|は|는|은|là';
const IN_PROSE = new RegExp(
  `(?:(?<![\\p{L}\\p{N}_]|\\barn:[^\\s"']{0,150})|(?=[密口パ비]))((?:${PASSWORD})(?:\\s{1,3}(?:${IS})|\\s{0,3}(?:是|为|為|は|는|은))?(?:\\s{0,3}[:=：—]\\s{0,3}|\\s{1,3}|(?<=[是为為は는은])\\s{0,2}))(?:(["'\`“«「(])([^"'\`”»」)\\r\\n]{1,100})|([^\\s"'\`“”«»「」<>]{3,200}))`,
  'giu',
);
/** Whether the words before a value say that it comes now: "the password hunter2" may, "password reset" does not. */
const SAYS = new RegExp(`(?:\\s(?:${IS})|[是为為は는은:=：—])\\s{0,3}$`, 'iu');

/** What passwords are said to be, other than themselves. */
const SAID =
  /^(?:required|incorrect|wrong|invalid|missing|expired|not|too|empty|blank|weak|null|undefined|true|false|the|an?|in|on|at|to|for|of|or|and|same|already|used|set|stored|needed|mandatory|optional|case|hashed|valid|correct|short|long|being|no|now|sent|unknown|bad|different|similar|common|ok|okay|reset|change|field|must|hidden|none|denied|available|here|there|falsch|ung[üu]ltig|erforderlich|abgelaufen|nicht|leer|fehlt|zu|incorrect[ao]?|inv[áa]lid[ao]?|requerid[ao]|obligatori[ao]|vac[íi][ao]|necesari[ao]|demasiado|caducad[ao]|invalide|requise?|obligatoire|vide|expir[ée]e?|trop|manquante?|incorret[ao]|obrigat[óo]ri[ao]|onjuist|verplicht|verkeerd|ongeldig|leeg|nieprawid[łl]owe|wymagane|puste|неверен|nespr[áa]vn[éeáý]|chybn[éeáý]|neplatn[éeáý]|povinn[éeáý]|yanl[ıi][şs]|gerekli|non|n[ãa]o|ne|n'est|неверный|обязателен|必須|不正确|错误|无效|string|object|number)(?:[.,;:!?)]|$)/iu;

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
          /\bwith (?:the )?$/i.test(text.slice(Math.max(0, at - 9), at)));
      if (quoted !== undefined) {
        const likely = says || (isSecretWord(quoted, '', false) && !quoted.includes('-'));
        return likely && !SAID.test(quoted) && !quoted.startsWith(REDACTED)
          ? `${before}${quote}${REDACTED}`
          : all;
      }
      const value = bare ?? '';
      const core = value.replace(/[.,;:!?)\]}]+$/u, '');
      if (core.length < 3 || value.startsWith(REDACTED) || SAID.test(value)) return all;
      const rest = value.slice(core.length) + text.slice(at + all.length, at + all.length + 2);
      return isSecretWord(core, rest, says) ? `${before}${REDACTED}${value.slice(core.length)}` : all;
    },
  );
}

/** Words of a language are secrets only at the end of a sentence that says so. */
function isSecretWord(word: string, rest: string, says: boolean): boolean {
  if (/^(?:https?:|\/|\[|\{|\(|<|-|&|\|)/.test(word)) return false;
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

function redactAtSomeDistance(text: string): string {
  const hide = (all: string, before: string, value: string) =>
    isSecretWord(value.replace(/[.,;:!?)]+$/, ''), '', true) && /\d/.test(value)
      ? `${before}${REDACTED}`
      : all;
  return text.replace(AT_SOME_DISTANCE, hide).replace(CHANGED_FROM, hide);
}

/** Codes that open a door once: "your verification code is 482913". */
const ONE_TIME =
  /\b((?:verification|security|access|log-?in|one[- ]time|recovery|backup|auth(?:entication)?|confirmation|sms|2fa|mfa|otp|pin)(?: code| password| pin)?(?: is| was|:)?:? {1,3})(\d{4,8})\b(?![-.:/]\d)/gi;
/** "482913 is your verification code", "Use code 482913 to sign in", "recovery code: 8F3K-9QXM", and in other languages. */
const CODES: readonly RegExp[] = [
  /(?<![\w.-])(?:[A-Z]-)?\d{4,8}(?= is your (?:\w{1,20} ){0,3}(?:code|pin|otp|password)\b)/gi,
  /(?<=\b(?:use|enter|with) (?:the )?code )\d{4,8}(?= to (?:sign|log|verify|confirm|reset)\b)/gi,
  /(?<=\b(?:recovery|backup) code(?: is|:)? )(?=[A-Z0-9-]{0,20}\d)[A-Z0-9]{4,6}(?:-[A-Z0-9]{4,6}){1,5}\b/g,
  /(?<=(?:\b(?:Zugangscode|Best[äa]tigungscode|Einmalcode|TAN|code de v[ée]rification|c[óo]digo de verificaci[óo]n|c[óo]digo de verifica[çc][ãa]o|codice di verifica|verificatiecode)|код подтверждения|验证码|驗證碼|認証コード|確認コード|인증번호)(?: (?:ist|lautet|est|es|é|è|is)|是|为|為|は|는|은)?\s{0,2}[:：]?\s{0,2})\d{4,8}(?!\d)/gi,
];
const CARD_CODE =
  /\b((?:(?:cvv|cvc|cvn|csc)2?|sicherheitscode|kartenprüfnummer|código de seguridad|cryptogramme)(?![\wÀ-ÿ])(?: code)?(?: is| was)?[ :=#"']{1,4})\d{3,4}\b/gi;

export function redactCodes(text: string): string {
  return CODES.reduce(
    (redacted, pattern) => redacted.replace(pattern, REDACTED),
    redactAtSomeDistance(text).replace(ONE_TIME, `$1${REDACTED}`).replace(CARD_CODE, `$1${REDACTED}`),
  );
}

const VALUE = `(?!\\[REDACTED\\]|-)(?:"[^"\\r\\n]{1,200}"?|'[^'\\r\\n]{1,200}'?|[^\\s"'\`]{1,400})`;
/** `set aws_secret_access_key x`, `CONFIG SET requirepass x` */
const SETTING = new RegExp(`(\\bset[ \\t]{1,3}([\\w.:/-]{3,80})[ \\t]{1,3})(${VALUE})`, 'gi');
const OPTION = new RegExp(`(?<![\\w-])(--?([A-Za-z][\\w-]{1,60})(?:[ \\t]{1,3}|=))(${VALUE})`, 'g');
/** Commands that take a secret behind a single letter. */
const COMMANDS: readonly RegExp[] = [
  /(?<=\bcurl\b[^\r\n]{0,500}[ \t](?:-u|--user|-U|--proxy-user)(?:[ \t]{1,3}|=)?["']?[^\s:"']{0,100}:)(?!\[REDACTED\])[^\s"']{1,200}/g,
  /(?<=\b(?:sshpass|docker login|podman login|az login|helm registry login)\b[^\r\n]{0,200}[ \t]-p[ \t]{0,3})(?!\[REDACTED\])[^\s]{1,200}/g,
  /(?<=\b(?:mysql|mysqldump|mysqladmin|mariadb)\b[^\r\n]{0,200}[ \t]-p)(?!\[REDACTED\]|assword)[^\s]{1,200}/g,
  /(?<=\bredis-cli\b[^\r\n]{0,200}[ \t]-a[ \t]{1,3})(?!\[REDACTED\])[^\s]{1,200}/g,
  /(?<=\bssh-keygen\b[^\r\n]{0,200}[ \t]-N[ \t]{1,3})(?!\[REDACTED\]|""|'')[^\s]{1,200}/g,
  /(?<=\b(?:zip|unzip)\b[^\r\n]{0,200}[ \t]-P[ \t]{1,3})(?!\[REDACTED\])[^\s]{1,200}/g,
  /(?<=\b7z[ar]?\b[^\r\n]{0,200}[ \t]-p)(?!\[REDACTED\])[^\s]{1,200}/g,
  /(?<=\bsshpass[ \t]{1,3}-p[ \t]{0,3})(?!\[REDACTED\])[^\s]{1,200}/g,
  /(?<=\blftp\b[^\r\n]{0,200}[ \t]-u[ \t]{1,3}[^\s,]{1,60},)(?!\[REDACTED\])[^\s]{1,200}/g,
  /(?<=\b(?:smbclient|rpcclient)\b[^\r\n]{0,200}[ \t]-U[ \t]{1,3}[^\s%]{1,60}%)(?!\[REDACTED\])[^\s]{1,200}/g,
  /(?<=\bldap(?:search|modify|add|delete|whoami)\b[^\r\n]{0,200}[ \t]-w[ \t]{1,3})(?!\[REDACTED\])[^\s]{1,200}/g,
  /(?<=\bmongo(?:sh|dump|restore|export|import)?[ \t][^\r\n]{0,200}[ \t]-p[ \t]{1,3})(?!\[REDACTED\])[^\s]{1,200}/g,
  /(?<=\bsqlplus[ \t][^\r\n]{0,60}\w\/)(?!\[REDACTED\])[^\s@/]{1,100}(?=@)/g,
  /(?<=\bnet use\b[^\r\n]{0,200}\\\\[^\s]{1,200}[ \t]{1,3})(?!\[REDACTED\]|\/)[^\s]{1,100}(?=[ \t]\/user:)/gi,
  /(?<=\bvault login[ \t]{1,3})(?!\[REDACTED\]|-)[^\s]{12,200}/g,
  /(?<=\bAUTH (?:default |[\w-]{1,40} )?)(?!\[REDACTED\])(?=[^\s]{0,60}\d)(?=[^\s]{0,60}[a-z])[^\s"'=:.,]{6,200}(?=\s|$)/g,
  // SQL, and code that takes a user and a password.
  /(?<=\b(?:user|login|role)\b[^\r\n]{0,200} identified (?:with \w{1,40} )?by (?:password )?)(?!\[REDACTED\]|clause\b)(?:'[^'\r\n]{1,200}'|"[^"\r\n]{1,200}"|(?=[^\s;]{0,60}\d)[^\s;]{4,100})/gi,
  /(?<=\b(?:NetworkCredential|UsernamePasswordCredential|HTTPBasicAuth|BasicAuth|BasicAWSCredentials)\(["'][^"']{0,100}["'], ?["'])(?!\[REDACTED\])[^"'\r\n]{1,200}/g,
  /(?<=\bConvertTo-SecureString[ \t][^\r\n"']{0,40}["'])(?!\[REDACTED\])[^"'\r\n]{1,200}/gi,
  /(?<=\bopenssl\b[^\r\n]{0,200}\bpass:)(?!\[REDACTED\])[^\s]{1,200}/g,
];

/** `--password x`, `--token=x`, `curl -u user:x`, `mysql -px` */
export function redactCommands(text: string, names: SecretNames): string {
  const options = text.replace(OPTION, (all, before: string, name: string, value: string) => {
    if (!names.isSecret(name)) return all;
    const quote = /^["']/.exec(value)?.[0] ?? '';
    return `${before}${quote}${REDACTED}${quote !== '' && value.endsWith(quote) && value.length > 1 ? quote : ''}`;
  });
  const settings = options.replace(SETTING, (all, before: string, name: string, value: string) =>
    names.isSecret(name) && /\d|[_/+=]|[a-z][A-Z]/.test(value) ? `${before}${REDACTED}` : all,
  );
  return COMMANDS.reduce((redacted, pattern) => redacted.replace(pattern, REDACTED), settings);
}
