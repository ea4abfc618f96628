// Numbers that are no cards and no IBAN, as ids, times and barcodes are written, and how many of them are taken for one.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createRedactor, defaultRedactor, REDACTED } from '../../common/errors/index.js';

const COUNT = 20_000;

/** The same numbers in every run. */
function randomness(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const random = randomness(20_260_131);
const digits = (length: number): string => Array.from({ length }, () => random(10)).join('');
const padded = (value: number, length = 2): string => String(value).padStart(length, '0');

/** With the check digit that barcodes have. */
function barcode(length: number): string {
  const body = digits(length - 1);
  const sum = [...body].reverse().reduce((all, digit, i) => all + Number(digit) * (i % 2 === 0 ? 3 : 1), 0);
  return `${body}${(10 - (sum % 10)) % 10}`;
}

const dateTime = (year: string): string =>
  `${year}${padded(1 + random(12))}${padded(1 + random(28))}${padded(random(24))}${padded(random(60))}${padded(random(60))}`;
const SNOWFLAKE_EPOCH = 1_288_834_974_657n;
const uuid = (): string => {
  const part = (length: number) => Array.from({ length }, () => random(16).toString(16)).join('');
  return `${part(8)}-${part(4)}-4${part(3)}-a${part(3)}-${part(12)}`;
};

/** How many of a thousand may be taken for a card or an IBAN. */
const KINDS: readonly (readonly [kind: string, make: () => string, atMost: number])[] = [
  ['milliseconds', () => String(1_600_000_000_000 + random(400_000_000) * 1_000), 0],
  ['microseconds', () => String(1_600_000_000 + random(400_000_000)) + digits(6), 0],
  ['nanoseconds', () => String(1_600_000_000 + random(400_000_000)) + digits(9), 0],
  ['date and time, yyyymmddhhmmss', () => dateTime(`20${padded(random(40))}`), 0],
  ['date and time with milliseconds', () => dateTime(`20${padded(random(40))}`) + digits(3), 0],
  ['UUID', uuid, 0],
  ['UUID of digits alone', () => uuid().replace(/[a-f]/g, () => String(random(10))), 0],
  ['EAN-13 and UPC', () => barcode(random(2) === 0 ? 13 : 12), 0],
  [
    'snowflakes of this decade',
    () =>
      String(
        ((1_580_000_000_000n + BigInt(random(300_000_000)) * 1_000n - SNOWFLAKE_EPOCH) << 22n) +
          BigInt(random(4_194_304)),
      ),
    0,
  ],
  [
    'order numbers, four groups of four with a letter',
    () => `A${digits(4)}-${digits(4)}-${digits(4)}-${digits(4)}`,
    0,
  ],
  ['prices and coordinates', () => `${digits(2)}.${digits(15)}`, 0],
  ['phone numbers', () => `+${1 + random(98)} ${digits(3)} ${digits(3)} ${digits(4)}`, 0],
  ['ids of up to 13 digits', () => digits(8 + random(6)), 0],
  ['GTIN-14', () => barcode(14), 5],
  [
    'order numbers that begin with yymmdd, 16 digits',
    () => dateTime(padded(20 + random(10))) + digits(4),
    55,
  ],
  ['ids of 14 digits', () => digits(14), 4],
  ['ids of 15 digits', () => digits(15), 4],
  ['ids of 16 digits', () => digits(16), 34],
  ['ids of 17 digits', () => digits(17), 2],
  ['ids of 18 digits', () => digits(18), 2],
  ['ids of 19 digits', () => digits(19), 17],
  [
    'two letters and digits, as an IBAN has',
    () => `${['DE', 'NO', 'FR', 'GB'][random(4)]}${digits(13 + random(12))}`,
    2,
  ],
];

describe('what is no card and no IBAN', () => {
  for (const [kind, make, atMost] of KINDS) {
    test(kind, () => {
      let taken = 0;
      for (let i = 0; i < COUNT; i++) {
        if (defaultRedactor.text(`record ${make()} not found`).includes(REDACTED)) taken++;
      }
      assert.ok((taken / COUNT) * 1_000 <= atMost, `${taken} of ${COUNT}`);
    });
  }
});

describe('the option personalData', () => {
  const texts = [
    'card 4111 1111 1111 1111 declined',
    'DE89 3704 0044 0532 0130 00 is closed',
    'ssn 078-05-1120 not found',
  ];
  const { text, body, json } = createRedactor({ personalData: false });

  test('is on unless it is set', () => {
    for (const each of texts) assert.ok(createRedactor().text(each).includes(REDACTED), each);
  });

  test('off keeps the numbers', () => {
    for (const each of texts.slice(0, 2)) for (const redact of [text, body]) assert.equal(redact(each), each);
    assert.deepEqual(json({ n: 4111111111111111, m: texts[0] }), { n: 4111111111111111, m: texts[0] });
  });

  test('off hides fields with the name of a secret, and all other secrets', () => {
    assert.deepEqual(json({ cvv: '123', cardNumber: '4111111111111111', iban: 'DE89370400440532013000' }), {
      ...{ cvv: REDACTED, cardNumber: REDACTED, iban: REDACTED },
    });
    assert.equal(text('password=hunter2'), `password=${REDACTED}`);
  });
});
