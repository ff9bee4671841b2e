import { printable } from '../../src/text/printable.ts';

/** Makes user input safe to show in a message: one line, shortened if it is long. */
export function shown(text: string): string {
  return printable(text.length > maxShownLength ? `${text.slice(0, maxShownLength)}...` : text);
}

/** {@link shown}, in double quotes. */
export function quoted(text: string): string {
  return `"${shown(text)}"`;
}

const maxShownLength = 60;
