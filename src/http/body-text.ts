import { TextDecoder } from 'node:util';

/**
 * Decodes a body as browsers do: by its byte order mark, else by the charset of the `Content-Type` header, else as
 * UTF-8, which also replaces an unknown charset. Invalid bytes become U+FFFD. A `<meta charset>` in the body is
 * ignored.
 */
export function decodeText(bytes: Uint8Array, contentType: string | undefined): string {
  const decoder = createTextDecoder(charsetOfMark(bytes) ?? charsetOf(contentType ?? ''));
  const text = decoder.decode(bytes);
  return decoder.encoding === 'windows-1252' ? repairWindows1252(text) : text;
}

function createTextDecoder(charset: string | undefined): TextDecoder {
  try {
    return new TextDecoder(charset);
  } catch {
    return new TextDecoder();
  }
}

function charsetOfMark([first, second, third]: Uint8Array): string | undefined {
  if (first === 0xef && second === 0xbb && third === 0xbf) return 'utf-8';
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  return undefined;
}

/** Finds the first `charset` parameter. A comma ends it: two headers were joined there. */
function charsetOf(contentType: string): string | undefined {
  const parameters = contentType.matchAll(/;\s*([^\s=;]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;,]*))/g);
  for (const [, name, quoted, bare] of parameters) {
    // Some servers write single quotes, or forget the second quote.
    if (name?.toLowerCase() === 'charset') return (quoted ?? bare ?? '').replaceAll(/["'\\]/g, '').trim();
  }
  return undefined;
}

/**
 * Repairs windows-1252, which `latin1` and `ascii` mean too, as `TextDecoder` of Node 22.19 decodes it: as real latin1,
 * so quotes, dashes and the euro sign become control characters. Text that was decoded correctly does not change.
 */
export function repairWindows1252(text: string): string {
  return text.replaceAll(/[\u0080-\u009f]/g, (control) => windows1252[control.charCodeAt(0) - 0x80] ?? control);
}

/** The characters of bytes 0x80 to 0x9F in windows-1252; the five undefined ones are C1 controls. */
const windows1252 = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';
