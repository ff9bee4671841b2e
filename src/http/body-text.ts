import { TextDecoder } from 'node:util';
import { repairWindows1252 } from './windows-1252.ts';

/**
 * A body as text, as browsers would read it: a byte order mark wins, then the charset of the `Content-Type` header,
 * then UTF-8, which is also JSON's charset and stands in for a charset that nobody knows. Bytes that the charset does
 * not have become U+FFFD. A `<meta charset>` in the body is not heeded.
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

/** The first `charset` parameter. A comma ends it: that is where two headers were joined. */
function charsetOf(contentType: string): string | undefined {
  const parameters = contentType.matchAll(/;\s*([^\s=;]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;,]*))/g);
  for (const [, name, quoted, bare] of parameters) {
    // Some servers write single quotes, or forget the second quote.
    if (name?.toLowerCase() === 'charset') return (quoted ?? bare ?? '').replaceAll(/["'\\]/g, '').trim();
  }
  return undefined;
}
