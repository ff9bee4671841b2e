/**
 * Quotes a word for a POSIX shell. Unprintable characters are escaped as `$'...'`, which bash, zsh and ksh understand.
 */
export function shellQuote(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  if (!unprintable.test(word)) return `'${word.replaceAll("'", String.raw`'\''`)}'`;
  const escaped = word.replace(/['\\]/g, String.raw`\$&`).replaceAll(unprintable, escapeBytes);
  return `$'${escaped}'`;
}

const unprintable = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

function escapeBytes(character: string): string {
  return [...Buffer.from(character)].map((byte) => String.raw`\x${byte.toString(16).padStart(2, '0')}`).join('');
}
