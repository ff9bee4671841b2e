// Controls (C0, DEL, C1), format characters (bidi controls, zero-width ones, the byte order mark), lone surrogates,
// and the two line breaks that Unicode adds.
const unprintable = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;
const allUnprintable = new RegExp(unprintable, 'gu');

/**
 * Makes text from outside safe to show: characters that could move the cursor, recolour the screen, reorder or hide
 * text become `\x1b` or `\u{202e}`.
 */
export function printable(text: string): string {
  return unprintable.test(text) ? text.replace(allUnprintable, escape) : text;
}

/** Makes JSON text safe to show. The escapes are JSON's own, so its value does not change. */
export function printableJson(json: string): string {
  return unprintable.test(json) ? json.replace(allUnprintable, escapeInJson) : json;
}

/** Returns a host (scheme, name and port) as people see it: without `https://`. */
export function shownHost(host: string): string {
  return printable(host.replace(/^https:\/\//, ''));
}

function escape(character: string): string {
  const code = character.codePointAt(0)!;
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
}

function escapeInJson(character: string): string {
  let escaped = '';
  for (let at = 0; at < character.length; at += 1) {
    escaped += `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`;
  }
  return escaped;
}
