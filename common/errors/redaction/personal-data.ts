import { REDACTED } from './redacted.js';

/** Issuers of cards and the lengths of their numbers (ISO/IEC 7812). */
const ISSUERS: readonly (readonly [RegExp, readonly number[]])[] = [
  [/^4/, [16, 19]], // Visa
  [/^(?:5[1-5]|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720))/, [16]], // Mastercard
  [/^3[47]/, [15]], // American Express
  [/^(?:6011|64[4-9]|65)/, [16, 19]], // Discover
  [/^(?:30[0-5]|36|3[89])/, [14]], // Diners Club
  [/^35(?:2[89]|[3-8])/, [16]], // JCB
  [/^62/, [16, 17, 18, 19]], // UnionPay
  [/^(?:50|5[6-8]|6304|67)/, [16]], // Maestro
];

const CARD = /(?<![\w.,-])\d(?:[ -]?\d){13,18}(?![\w-]|\.\d)/g;
/** In a row, in groups of four, or as American Express and Diners Club write it. */
const WRITTEN = /^(?:\d+|\d{4}([ -])\d{4}\1\d{4}\1\d{1,7}(?:\1\d{1,3})?|\d{4}[ -]\d{6}[ -]\d{4,5})$/;

/** The stripe of a card; numbers of cards by issuer and check digit (Luhn), IBAN by length and check digits (mod 97), US social security numbers. */
export function redactPersonalData(text: string): string {
  return text
    .replace(/%B\d{12,19}\^[^?\r\n]{2,100}\??/g, REDACTED)
    .replace(CARD, (number) => (isCard(number) ? REDACTED : number))
    .replace(IBAN, (number) => ibanLength(number))
    .replace(SSN, REDACTED);
}

export function isCard(number: string): boolean {
  if (!WRITTEN.test(number)) return false;
  const digits = number.replace(/\D/g, '');
  const known = ISSUERS.some(([prefix, lengths]) => prefix.test(digits) && lengths.includes(digits.length));
  return known && !/^(\d)\1*$/.test(digits) && luhn(digits);
}

function luhn(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = Number(digits[digits.length - 1 - i]);
    sum += i % 2 === 0 ? digit : digit > 4 ? digit * 2 - 9 : digit * 2;
  }
  return sum % 10 === 0;
}

/** Length of an IBAN by country, from SWIFT's registry. */
const LENGTHS =
  'AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 ' +
  'FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 ' +
  'LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 ' +
  'RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30';

const IBAN = /(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]){11,30}(?![a-z])/g;

/** The rest of a line may look like a part of it: only as much as the country's numbers are long counts. */
function ibanLength(found: string): string {
  const at = LENGTHS.indexOf(`${found.slice(0, 2)}`);
  if (at < 0 || at % 5 !== 0) return found;
  const length = Number(LENGTHS.slice(at + 2, at + 4));
  let end = 0;
  for (let count = 0; end < found.length && count < length; end++) {
    if (/[A-Z0-9]/.test(found[end] as string)) count++;
  }
  const number = found.slice(0, end).replace(/[ -]/g, '');
  const rest = found.slice(end);
  if (number.length !== length || /^[A-Z0-9]/.test(rest) || mod97(number) !== 1) return found;
  return REDACTED + rest;
}

function mod97(iban: string): number {
  let rest = 0;
  for (const character of iban.slice(4) + iban.slice(0, 4)) {
    const value = Number.parseInt(character, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest;
}

/** No check digits, but groups that nothing else has; areas 000, 666 and 900 to 999 are not given out. */
const SSN = /(?<![\w-])(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\w-])/g;
