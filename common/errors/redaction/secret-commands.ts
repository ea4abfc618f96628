import { REDACTED } from './redacted.js';
import type { SecretNames } from './secret-names.js';

const VALUE = `(?!\\[REDACTED\\]|-)(?:"[^"\\r\\n]{1,200}"?|'[^'\\r\\n]{1,200}'?|[^\\s"'\`]{1,400})`;
/** `set aws_secret_access_key x`, `CONFIG SET requirepass x` */
const SETTING = new RegExp(`(\\bset[ \\t]{1,3}([\\w.:/-]{3,80})[ \\t]{1,3})(${VALUE})`, 'gi');
const OPTION = new RegExp(`(?<![\\w-])(--?([A-Za-z][\\w.-]{1,80})(?:[ \\t]{1,3}|=))(${VALUE})`, 'g');

/** Commands that take a secret behind a single letter, or behind a user and a mark. One more: one line. */
const BEHIND_OPTION: readonly (readonly [commands: string, option: string])[] = [
  ['curl', '(?:-u|--user|-U|--proxy-user)(?:[ \\t]{1,3}|=)?["\']?[^\\s:"\']{0,100}:'],
  ['https?', '(?:-a|--auth)[ \\t]{1,3}[^\\s:]{1,60}:'],
  ['sshpass|docker login|podman login|az login|helm registry login', '-p[ \\t]{0,3}'],
  ['mysql|mysqldump|mysqladmin|mariadb|7z[ar]?', '-p(?!assword)'],
  ['mongo(?:sh|dump|restore|export|import)?|cqlsh', '-p[ \\t]{1,3}'],
  ['zip|unzip|sqlcmd', '-P[ \\t]{1,3}'],
  ['redis-cli', '-a[ \\t]{1,3}'],
  ['ssh-keygen', '-N[ \\t]{1,3}(?!""|\'\')'],
  ['ldap(?:search|modify|add|delete|whoami)', '-w[ \\t]{1,3}'],
  ['lftp', '-u[ \\t]{1,3}[^\\s,]{1,60},'],
  ['smbclient|rpcclient', '-U[ \\t]{1,3}[^\\s%]{1,60}%'],
  ['openssl enc', '-k[ \\t]{1,3}'],
];
const ANY_COMMAND = new RegExp(`\\b(?:${BEHIND_OPTION.map(([commands]) => commands).join('|')})[ \\t]`);
const COMMANDS = BEHIND_OPTION.map(
  ([commands, option]) =>
    new RegExp(
      `(?<=\\b(?:${commands})(?=[ \\t])[^\\r\\n]{0,500}[ \\t]${option})(?!\\[REDACTED\\])[^\\s"']{1,200}`,
      'g',
    ),
);

/** Other forms, in commands, SQL and code. */
const STATEMENTS: readonly RegExp[] = [
  /(?<=\bsqlplus[ \t][^\r\n]{0,60}\w\/)(?!\[REDACTED\])[^\s@/]{1,100}(?=@)/g,
  /(?<=\bnet use\b[^\r\n]{0,200}\\\\[^\s]{1,200}[ \t]{1,3})(?!\[REDACTED\]|\/)[^\s]{1,100}(?=[ \t]\/user:)/gi,
  /(?<=\becho[ \t]{1,3})(?!\[REDACTED\]|\$)[^\s|]{4,200}(?=[ \t]{1,3}\|[^\r\n]{0,100}--password-stdin)/g,
  /(?<=\bvault login[ \t]{1,3})(?!\[REDACTED\]|-)[^\s]{12,200}/g,
  /(?<=\bopenssl\b[^\r\n]{0,200}\bpass:)(?!\[REDACTED\])[^\s]{1,200}/g,
  /(?<=\bAUTH (?:default |[\w-]{1,40} )?)(?!\[REDACTED\])(?=[^\s]{0,60}\d)(?=[^\s]{0,60}[a-z])[^\s"'=:.,]{6,200}(?=\s|$)/g,
  /(?<=\b(?:user|login|role)\b[^\r\n]{0,200} identified (?:with \w{1,40} )?by (?:password )?)(?!\[REDACTED\]|clause\b)(?:'[^'\r\n]{1,200}'|"[^"\r\n]{1,200}"|(?=[^\s;]{0,60}\d)[^\s;]{4,100})/gi,
  /(?<=\b(?:NetworkCredential|UsernamePasswordCredential|HTTPBasicAuth|BasicAuth|BasicAWSCredentials)\(["'][^"']{0,100}["'], ?["'])(?!\[REDACTED\])[^"'\r\n]{1,200}/g,
  /(?<=\bConvertTo-SecureString[ \t][^\r\n"']{0,40}["'])(?!\[REDACTED\])[^"'\r\n]{1,200}/gi,
];
const ANY_STATEMENT =
  /\b(?:sqlplus|net use|vault login|openssl|password-stdin|AUTH |identified|BasicA|HTTPBasic|NetworkCred|UsernamePass|ConvertTo-Secure)/i;

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
  // Most texts hold no command at all.
  const commands = ANY_COMMAND.test(settings) ? hideAll(settings, COMMANDS) : settings;
  return ANY_STATEMENT.test(commands) ? hideAll(commands, STATEMENTS) : commands;
}

function hideAll(text: string, patterns: readonly RegExp[]): string {
  return patterns.reduce((redacted, pattern) => redacted.replace(pattern, REDACTED), text);
}
