/** Bytes that a JSON parser looks for. */
export const lineFeed = 0x0a;
export const quotationMark = 0x22;
export const comma = 0x2c;
export const colon = 0x3a;
export const openingBracket = 0x5b;
export const backslash = 0x5c;
export const closingBracket = 0x5d;
export const openingBrace = 0x7b;
export const closingBrace = 0x7d;

const space = 0x20;
const tab = 0x09;
const carriageReturn = 0x0d;

/** Tells whether JSON skips this byte outside a string (RFC 8259 section 2). */
export function isSpace(byte: number): boolean {
  return byte === space || byte === lineFeed || byte === carriageReturn || byte === tab;
}
