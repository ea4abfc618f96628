import { REDACTED } from './redacted.js';

/**
 * Tokens that are recognised by their prefix, as their vendors document it (after the rule sets of secretlint and gitleaks,
 * which cannot be used here: they are asynchronous, need Node, and find where this has to replace). One more: one line.
 */
const PREFIXES: readonly string[] = [
  // Code and packages: GitHub, GitLab, Bitbucket, npm, PyPI, RubyGems, Docker, SonarQube, JFrog, NuGet
  'gh[pousr]_',
  'github_pat_',
  'gl(?:pat|dt|rt|cbt|ptt|ft|imt|agent|oas|soat|ffct)-',
  'ATBB|ATATT3x|ATCTT3x',
  'npm_',
  'pypi-AgE',
  'rubygems_',
  'dckr_(?:pat|oat)_',
  'sq[upa]_',
  'AKCp|cmVmd',
  'oy2[a-z0-9]',
  // Chat, mail, webhooks: Slack, SendGrid, Brevo, Resend, Mailgun, Svix and Stripe
  'xox[a-z](?:\\.xox[bp])?-|xapp-',
  'SG\\.',
  'xkeysib-|xsmtpsib-',
  're_[A-Za-z0-9]{8}_',
  'key-(?=[a-f0-9]{32}\\b)',
  'whsec_',
  // Clouds and hosting: AWS Bedrock, Google, Azure, DigitalOcean, Heroku, Fly, Vercel, Netlify, Render, Supabase, Neon
  'ABSK(?=[A-Za-z0-9+/]{40})',
  'AIza|ya29\\.|GOCSPX-|1//0',
  'LTAI(?=[A-Za-z0-9]{12})',
  'do[opr]_v1_',
  'HRKU-',
  'fo1_|fm[12][ar]?_',
  'vc[apikr]_',
  'nf[pcou]_',
  'rnd_',
  'sbp_|sb_secret_',
  'napi_',
  'pscale_(?:tkn|oauth|pw)_',
  // Models: OpenAI, Anthropic, Hugging Face, Groq, xAI, Perplexity, Replicate, NVIDIA, LangSmith, Pinecone
  'sk-',
  'sess-(?=[A-Za-z0-9]{24})',
  'hf_|api_org_',
  'gsk_|xai-|pplx-|r8_|nvapi-|lsv2_|pcsk_|tvly-',
  // Money and commerce: Stripe, Square, Shopify, Shippo, EasyPost, Duffel, Flutterwave
  '[sre]k_(?:live|test|prod)_',
  'sq0(?:atp|csp|idp)-|EAAA(?=[\\w-]{40})',
  'shp(?:at|ca|pa|ss|tka|ua)_',
  'shippo_(?:live|test)_',
  'EZ[AT]K(?=[A-Za-z0-9]{40})',
  'duffel_(?:live|test)_',
  'FLWSECK(?:_TEST)?-',
  // Tools: Grafana, Linear, Notion, Sentry, Postman, Pulumi, Vault, Doppler, Databricks, New Relic, Figma, Typeform, 1Password
  'glc_|glsa_',
  'lin_(?:api|oauth)_',
  'ntn_|secret_(?=[A-Za-z0-9]{43}\\b)',
  'sntry[su]_',
  'PMAK-',
  'pul-(?=[a-f0-9]{40})',
  'hv[sbr]\\.',
  'dp\\.(?:pt|st|ct|sa|scim|audit)\\.',
  'dapi(?=[a-f0-9]{32})',
  'NR(?:AK|AA|II|JS|RA)-',
  'fig[dpour]{1,2}_',
  'tfp_',
  'ops_eyJ|A3-(?=[A-Z0-9]{6}-)',
  'pat-(?:na|eu|ap)\\d-',
  'CFPAT-|PRKEY|pnu_|phx_|rdme_|dt0[a-z]01\\.|sgp_|lip_|sdk-(?=[a-f0-9]{8}-)',
  'AGE-SECRET-KEY-1',
  'EAA[A-Z](?=[A-Za-z0-9]{60})',
  '(?:access|link|public|processor)-(?:sandbox|development|production)-',
  // ClickUp, Cloudflare, Buildkite, CircleCI, Dropbox, Sanity, Telnyx, Mollie
  'bkua_|CCIPAT_',
  'sl\\.(?=[\\w-]{100})',
  'sk(?=[A-Za-z0-9]{150})',
  'KEY0(?=[0-9A-Fa-f]{20,40}_)',
  '(?:live|test)_(?=[A-Za-z0-9]{30}\\b)',
  'pk_\\d{5,12}_(?=[A-Z0-9]{32})',
  'v1\\.0-(?=[a-f0-9]{24}-)',
];
const PREFIXED = new RegExp(`(?<![A-Za-z0-9])(?:${PREFIXES.join('|')})[\\w+/=~.-]{16,}`, 'g');

/** Tokens of another form, and addresses that are secrets themselves. What `$1` holds stays. */
const SHAPES: readonly (readonly [RegExp, string])[] = [
  [
    /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----[\s\S]*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|$)/g,
    REDACTED,
  ],
  // JWT, and whatever else begins with `{"` in base64.
  [/eyJ[\w-]{13,}(?:\.[\w-]*)*/g, REDACTED],
  [PREFIXED, REDACTED],
  [/\b(?:AKIA|ASIA|ABIA|ACCA|A3T[A-Z0-9])[A-Z0-9]{16}\b/g, REDACTED],
  // Telegram, with the `bot` of its addresses; Discord; Azure AD; Terraform; Twilio.
  [/(?<![\w:])(bot)?\d{8,10}:(?:AA[\w-]{28,43}|[\w-]{35})(?![\w-])/g, `$1${REDACTED}`],
  [/(?<![\w.-])[MNO][\w-]{23,27}\.[\w-]{6}\.[\w-]{27,40}(?![\w-])/g, REDACTED],
  [/(?<![\w~.-])[\w~.-]{3}\dQ~[\w~.-]{31,34}(?![\w~-])/g, REDACTED],
  [/\b[A-Za-z0-9]{14}\.atlasv1\.[\w-]{40,90}/g, REDACTED],
  [/\bSK[0-9a-f]{32}\b/g, REDACTED],
  // Asana, Mailchimp, Airtable; Stripe's client secrets; PuTTY's keys.
  [/(?<![\w/])\d\/\d{15,17}(?:\/\d{15,17})?:[0-9a-f]{32}\b/g, REDACTED],
  [/\b[0-9a-f]{32}-us\d{1,2}\b/g, REDACTED],
  [/\bpat[A-Za-z0-9]{14}\.[0-9a-f]{64}\b/g, REDACTED],
  [/\b((?:pi|seti|src|cs)_\w{8,40}_secret_)\w{10,}/g, `$1${REDACTED}`],
  // Razorpay's pair, Braintree's tokens.
  [/\b(rzp_(?:live|test)_\w{10,20}:)\w{16,40}/g, `$1${REDACTED}`],
  [/\baccess_token\$\w{4,20}\$\w{8,40}\$\w{16,64}/g, REDACTED],
  [/(\bPrivate-Lines: \d{1,4}\s)(?:[\w+/=]{8,}\s?){1,60}/g, `$1${REDACTED}`],
  // Incoming webhooks: Slack, Discord, Teams, Zapier, IFTTT, Make, PagerDuty, Feishu, Mattermost and Rocket.Chat
  [
    /(\bhooks\.slack(?:-gov)?\.com(?:\/|\\\/)(?:services|workflows|triggers))(?:[\w+/-]|\\\/){8,}/gi,
    `$1/${REDACTED}`,
  ],
  [/(\bdiscord(?:app)?\.com\/api(?:\/v\d{1,2})?\/webhooks\/\d{5,25})\/[\w-]{16,}/gi, `$1/${REDACTED}`],
  [
    /(\b[\w-]{1,60}\.webhook\.office\.com|\boutlook\.office(?:365)?\.com)\/webhook(?:b2)?\/[\w@/-]{16,}/gi,
    `$1/webhook/${REDACTED}`,
  ],
  [/(\bhooks\.zapier\.com\/hooks\/(?:catch|standard)\/\d{1,12})\/[\w/-]{4,}/gi, `$1/${REDACTED}`],
  [
    /(\bmaker\.ifttt\.com\/(?:trigger\/[\w-]{1,80}\/)?(?:json\/)?(?:with\/key|use))\/[\w-]{8,}/gi,
    `$1/${REDACTED}`,
  ],
  [/(\bhook\.(?:[a-z]{2}\d\.)?(?:make|integromat)\.(?:com|celonis\.com))\/\w{12,}/gi, `$1/${REDACTED}`],
  [/(\bevents\.(?:eu\.)?pagerduty\.com\/integration)\/\w{16,}/gi, `$1/${REDACTED}`],
  [/(\bopen\.(?:feishu\.cn|larksuite\.com)\/open-apis\/bot\/(?:v2\/)?hook)\/[\w-]{16,}/gi, `$1/${REDACTED}`],
  [/(\bhc-ping\.com(?:\/\w{1,40})?)\/[\w-]{16,}/gi, `$1/${REDACTED}`],
  [/\beo[a-z0-9]{10,30}(?=\.m\.pipedream\.net\b)/gi, REDACTED],
  // Private addresses of Google's calendars.
  [/(\/private-)[0-9a-f]{32}\b/g, `$1${REDACTED}`],
  // Signatures: `sha256=…` of GitHub and Meta, `t=…,v1=…` of Stripe, `h1=…` of Paddle.
  [/\b(sha(?:1|256|384|512)=)[0-9a-f]{40,128}\b/gi, `$1${REDACTED}`],
  [/\b((?:v[01]|h1)=)[0-9a-f]{40,128}\b/g, `$1${REDACTED}`],
];

/** Not what merely talks about it: "Bearer token missing", "Basic authentication", "basic settings". */
const SCHEMES =
  /\b(Bearer|Basic|SSWS|GenieKey)(\s{1,8}|%20|\+)(?!(?:bearer|basic|auth\w*|tokens?|realm|scheme|credentials?|is|was|error|missing)\b)([^\s"'`,;<>\\&]+)/gi;

/** Secrets that are recognised by their form. */
export function redactShapes(text: string): string {
  return SHAPES.reduce((redacted, [pattern, instead]) => redacted.replace(pattern, instead), text).replace(
    SCHEMES,
    (all, scheme: string, space: string, value: string) => {
      const isWord = /^basic$/i.test(scheme) && !/\d|[a-z][A-Z]|=|:\w/.test(value.slice(0, 200));
      return isWord ? all : `${scheme}${space}${REDACTED}`;
    },
  );
}

/** Words of a path after which a secret comes: of links that reset, confirm or log in, and of tokens in paths. */
const LINK_WORDS =
  '(?:reset|reset-?password|password-?reset|forgot(?:-?password)?|recover(?:y)?|magic(?:-?link)?|one-?time(?:-?login)?|' +
  'verify|verification|confirm(?:ation)?|activat(?:e|ion)|invit(?:e|ation)s?|unsubscribe|sso|signin|login|auth|callback|' +
  'tokens?|api-?keys?|keys?|secrets?|hooks?|webhooks?|heartbeats?|share|signed|otp)';
/** The word stands before, so that what is no secret may be the word before the next one. */
const LINK = new RegExp(
  `(?<=\\/(?:[\\w-]{0,40}[-_])?${LINK_WORDS}(?:[-_][\\w-]{0,40})?\\\\?\\/(?:[A-Za-z]{1,4}\\/|(?<=\\/hooks\\/)[\\w-]{1,40}\\/)?)[\\w.~%=+-]{8,400}`,
  'gi',
);

/** Hosts that take nothing but hooks. */
const HOOK_HOST = /(?<=\b(?:web)?hooks?\.[\w.-]{1,80}\/(?:[\w-]{1,40}\/){0,6})[\w.~-]{12,400}/gi;

/** Secrets in the path of a URL, where a word before them says that it is one and it looks like one. */
export function redactPaths(text: string): string {
  return text
    .replace(HOOK_HOST, (segment) => (isRandom(segment) ? REDACTED : segment))
    .replace(LINK, (segment) => (isRandom(segment) && !isName(segment) ? REDACTED : segment))
    .replace(
      /([?&](?:t|c|k|q|id|hash|ticket|magic|oobcode|otp|nonce|h|s|u|x|code|link|confirmation|invite|reset|v|auth)=)([\w.~%+-]{16,400})/gi,
      (all, before: string, value: string, at: number) =>
        isRandom(value) && MAGIC.test(text.slice(Math.max(0, at - 200), at + 1))
          ? `${before}${REDACTED}`
          : all,
    );
}

/** A file, or an id that says of what it is one: `we_1Mr5jULkdIwHu7ix`. */
function isName(segment: string): boolean {
  return (
    /\.(?:pdf|html?|json|csv|png|jpe?g|xml|txt|zip|docx?|xlsx?)$/i.test(segment) ||
    /^[a-z]{2,5}_[A-Za-z0-9]+$/.test(segment)
  );
}

const MAGIC =
  /[/.](?:[\w-]{0,40}[-_])?(?:reset|password|magic|verify|verification|confirm|confirmation|activate|activation|invite|recover|recovery|login|signin|sso|unsubscribe|auth)(?:[-_][\w-]{0,40})?(?:\/[\w-]{0,40})?(?:\/|\?)[^\s]{0,150}$/i;

/** Long enough, and a mixture no word is: letters and digits in turn, or hexadecimal, or upper and lower case. */
function isRandom(text: string): boolean {
  const bare = text.replace(/%[0-9a-f]{2}/gi, '');
  if (/^\d+$/.test(bare) || bare.length < 10) return false;
  // A UUID names a record more often than it grants access; links that grant access are still recognised by `MAGIC` words.
  const letters = (bare.match(/[a-z]/gi) ?? []).length;
  const digits = (bare.match(/\d/g) ?? []).length;
  const changes = (bare.match(/[a-z][A-Z\d]|\d[a-z]|[A-Z]\d|[A-Z]{2}[a-z]/gi) ?? []).length;
  if (digits > 0 && letters > 0) return bare.length >= 20 ? changes >= 3 : changes >= 4;
  const isCamelCase = /^(?:[A-Z]?[a-z]{2,40})+$/.test(bare.slice(0, 80));
  return (
    bare.length >= 12 && /[a-z][A-Z]/.test(bare) && !isCamelCase && (bare.match(/[A-Z]/g) ?? []).length >= 4
  );
}
