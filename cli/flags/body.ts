import { readFile } from './read-file.ts';

/** The body that `-d` asks for: text, or `@` and the name of a file. Several are joined with `&`, as curl does it. */
export function readBody(parts: readonly string[]): Buffer | undefined {
  if (parts.length === 0) return undefined;
  const pieces = parts.map((part) => (part.startsWith('@') ? readFile(part.slice(1)) : Buffer.from(part)));
  return Buffer.concat(pieces.flatMap((piece, at) => (at === 0 ? [piece] : [Buffer.from('&'), piece])));
}
