import type { StandardSchemaV1 } from '@standard-schema/spec';
import { defaultRedactor } from '../../common/errors/index.js';
import { secretNames } from '../../common/errors/redaction/secret-names.js';
import { beginning } from '../../common/text/text.js';

const MAX_ISSUES = 5;
const MAX_MESSAGE = 300;
const { isSecret } = secretNames([]);

export type Checked = { readonly value: unknown } | { readonly problems: string };

/** What the schema makes of a body, or where it does not fit and what was expected there. */
export async function checkSchema(schema: StandardSchemaV1, body: unknown): Promise<Checked> {
  const result = await schema['~standard'].validate(body);
  if (result.issues === undefined) return { value: result.value };
  const shown = result.issues.slice(0, MAX_ISSUES).map(issueText);
  const more = result.issues.length - shown.length;
  return { problems: shown.join('; ') + (more > 0 ? ` (and ${more} more)` : '') };
}

/** Some libraries put the value into the message: it is left out where the name says that it is a secret. */
function issueText({ path = [], message }: StandardSchemaV1.Issue): string {
  const keys = path.map((part) => String(typeof part === 'object' ? part.key : part));
  const text = keys.some(isSecret) ? 'has not the expected form' : defaultRedactor.text(message);
  return `${keys.join('.') || 'body'}: ${beginning(text, MAX_MESSAGE)}`;
}
