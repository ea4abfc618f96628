/** Names, without case, hyphens and underscores, that are secrets as a whole. */
const WHOLE = new Set(
  (
    'authorization proxyauthorization cookie setcookie cookies auth pin otp sig signature session sessionid sid ' +
    'sessionkey jwt bearer pwd pass passcode passphrase connectionstring xgoogsignature xgoogcredential ' +
    'cvv cvc cvv2 cvc2 cvn csc ssn socialsecuritynumber iban passwort kennwort contrasena contrasea motdepasse senha wachtwoord ' +
    'haslo haso losenord passord salasana heslo jelszo sifre webhooksecret magiclink phpsessid jsessionid connectsid requirepass masterauth ' +
    'mnemonic seedphrase recoverycode backupcode securitycode verificationcode'
  ).split(' '),
);

/** Names that contain one of these are secrets too, such as `stripeApiKey`, `user_password` or `X-Amz-Signature`. */
const PART =
  /password|passwd|passphrase|secret(?!ar)|apikey|accesskey|privatekey|signingkey|encryptionkey|subscriptionkey|sharedkey|masterkey|accountkey|functionskey|credential|xamzsignature|accesstoken|refreshtoken|authtoken|securitytoken|hmac|signature(?:256)?$|authkey|appkey|fastlykey|accesssign$|apisign$|keydata$|aspxauth|applicationkey|(?:db|user|smtp|mail|ftp|ssh|sql|redis|admin|root|login|proxy|ldap|imap|mongo|store)pass$|pwd$|cardnumber|webhookurl|resetlink|resettoken/;

/** `github_token` is one, the token of a next page is none. */
const TOKEN = /(?<!next|page|pagination|continuation|sync|cursor|resume|unexpected)token$/;

/** Parameters of URLs and forms that are secrets although a JSON field or header of the name is not. */
const PARAMETER = new Set([
  'key',
  'code',
  'sas',
  'assertion',
  'samlresponse',
  'samlrequest',
  'hmac',
  'oobcode',
  'ticket',
  'otp',
  'magic',
  'zak',
  'slt',
]);

/** What is said of a secret is none: `access_token_expires_in`, `passwordLength`. */
const ABOUT = /(?:manager|expires?(?:in|at|on)?|expiry|expiration|type|length|ttl|lifetime|count|issuedat)$/;

const MAX_NAME = 200;

export interface SecretNames {
  /** Fields, headers and variables. */
  isSecret(name: string): boolean;
  /** Parameters of URLs and forms. */
  isSecretParameter(name: string): boolean;
}

/** Knows the usual names of secrets, and the user's own: strings in any spelling, or patterns. */
export function secretNames(keys: readonly (string | RegExp)[]): SecretNames {
  const names = new Set(keys.filter((key) => typeof key === 'string').map(plain));
  // Without `g` and `y`, which make a pattern remember.
  const patterns = keys
    .filter((key) => typeof key !== 'string')
    .map(({ source, flags }) => new RegExp(source, flags.replace(/[gy]/g, '')));
  const isSecret = (name: string): boolean => {
    if (name.length > MAX_NAME) return isSecret(name.slice(0, 100)) || isSecret(name.slice(-100));
    const bare = plain(name);
    return (
      WHOLE.has(bare) ||
      (PART.test(bare) && !ABOUT.test(bare)) ||
      TOKEN.test(bare) ||
      names.has(bare) ||
      patterns.some((pattern) => pattern.test(name))
    );
  };
  return {
    isSecret,
    isSecretParameter: (name) => {
      const decoded = decode(name);
      return PARAMETER.has(plain(decoded)) || isSecret(decoded);
    },
  };
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, '');
}

function decode(name: string): string {
  return name.replace(/%([0-7][0-9a-f])/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}
