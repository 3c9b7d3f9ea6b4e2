/** JSON whose whole numbers are exact, however large: bigints are written as the numbers they are. */

/** JSON.rawJSON and the source text of a number are newer than the library TypeScript knows. */
const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown };

/** More digits than a number holds exactly. */
const LONG = /[:[,]\s*-?\d{16,}/;

/** A value as JSON. */
export function jsonText(value: unknown, indent?: number): string {
  try {
    return JSON.stringify(value, null, indent);
  } catch (error) {
    // Asked for only where a bigint is: a replacer makes large answers several times slower.
    if (!(error instanceof TypeError) || !/BigInt/.test(error.message)) throw error;
    return JSON.stringify(value, (_, each) => (typeof each === 'bigint' ? rawJSON(String(each)) : each), indent);
  }
}

/** JSON as a value; whole numbers that a number does not hold are bigints. */
export function parseJson(text: string): unknown {
  if (!LONG.test(text)) return JSON.parse(text);
  return JSON.parse(text, exactly as (key: string, value: unknown) => unknown);
}

function exactly(_: string, value: unknown, { source }: { readonly source?: string }): unknown {
  const isLong = typeof value === 'number' && !Number.isSafeInteger(value) && source !== undefined;
  return isLong && /^-?\d+$/.test(source) ? BigInt(source) : value;
}
