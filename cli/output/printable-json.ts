/** A value as JSON; characters that a terminal would act on are escaped, which changes nothing for a parser. */
export function printableJson(value: unknown): string {
  return printable(JSON.stringify(value, null, 2));
}

/** The same in one line. */
export function printableJsonLine(value: unknown): string {
  return printable(JSON.stringify(value));
}

function printable(json: string | undefined): string {
  return (json ?? 'null').replace(
    UNPRINTABLE,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Delete, C1 controls, separators of lines and paragraphs, what turns the direction of writing. */
const UNPRINTABLE = /[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g;
