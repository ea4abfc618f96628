/** What the target accepts as a country. The source keeps empty values where it knows none; this does not. */
export const COUNTRY_SCHEMA = {
  type: 'object',
  required: ['cca3', 'ccn3', 'name', 'capital', 'subregion', 'currencies', 'languages', 'area'],
  properties: {
    cca3: { type: 'string', pattern: '^[A-Z]{3}$' },
    ccn3: { type: 'string', pattern: '^[0-9]{3}$' },
    name: {
      type: 'object',
      required: ['common', 'official'],
      properties: { common: { type: 'string', minLength: 1 }, official: { type: 'string', minLength: 1 } },
    },
    capital: { type: 'array', minItems: 1, items: { type: 'string', minLength: 1 } },
    subregion: { type: 'string', minLength: 1 },
    currencies: { type: 'object', minProperties: 1 },
    languages: { type: 'object', minProperties: 1 },
    area: { type: 'number', minimum: 0 },
  },
} as const;

/** Body of a 422. */
export interface Unprocessable {
  readonly message: string;
  readonly errors: readonly { readonly field: string; readonly message: string }[];
}
