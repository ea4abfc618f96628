import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv2020, { type ValidateFunction } from 'ajv/dist/2020.js';

const FOLDER = join(__dirname, '..', '..', '..', 'docs', 'protocol');
const ENDING = '.schema.json';

export interface Schema {
  readonly $id: string;
  readonly title: string;
  readonly description: string;
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly $defs?: Readonly<Record<string, { readonly properties?: Readonly<Record<string, unknown>> }>>;
  readonly examples?: readonly unknown[];
}

/** The schemas of docs/protocol/, by the name of the message. */
export const SCHEMAS: ReadonlyMap<string, Schema> = new Map(
  readdirSync(FOLDER)
    .filter((name) => name.endsWith(ENDING))
    .sort()
    .map((name) => [name.slice(0, -ENDING.length), JSON.parse(readFileSync(join(FOLDER, name), 'utf8'))]),
);

const ajv = new Ajv2020({
  strict: true,
  strictTypes: false,
  strictRequired: false,
  schemas: [...SCHEMAS.values()],
});

export function schemaOf(message: string): Schema {
  const schema = SCHEMAS.get(message);
  if (schema === undefined) throw new Error(`docs/protocol/ has no ${message}${ENDING}`);
  return schema;
}

function validator(message: string): ValidateFunction {
  const validate = ajv.getSchema(schemaOf(message).$id);
  if (validate === undefined) throw new Error(`${message}${ENDING} does not compile`);
  return validate;
}

/** What a schema rejects of a value; undefined if the value is valid. */
export function schemaProblem(message: string, value: unknown): string | undefined {
  const validate = validator(message);
  return validate(value) ? undefined : ajv.errorsText(validate.errors);
}

/** A value as a receiver reads it: fields that are undefined do not travel. */
export function sent(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
