import { printable } from '../../src/text/printable.ts';

/** What somebody typed, as a message may show it: on one line, and not too long. */
export function shown(text: string): string {
  return printable(text.length > maxShown ? `${text.slice(0, maxShown)}...` : text);
}

/** The same in quotes. */
export function quoted(text: string): string {
  return `"${shown(text)}"`;
}

const maxShown = 60;
