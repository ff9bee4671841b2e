import { wrap } from '../../src/text/wrap.ts';
import { columnsOf } from '../process/columns-of.ts';

/** Writes one line to standard error, after the name of the program. Everything but rows and reports goes this way. */
export function say(line: string): void {
  process.stderr.write(above(`${messageLines(line).join('\n')}\n`));
}

/** Puts the name of the program before a message. On a terminal, long ones are broken between words, not within them. */
export function messageLines(message: string): string[] {
  return wrap(`fetchmany: ${message}`, columnsOf(process.stderr) ?? Infinity, indent);
}

const indent = 2;

/**
 * Makes {@link say} write above what is shown at the bottom of the terminal.
 *
 * @param place turns a line into the text to write for it
 * @returns a function that ends this
 */
export function sayAbove(place: (text: string) => string): () => void {
  above = place;
  return () => {
    above = unchanged;
  };
}

const unchanged = (text: string): string => text;
let above = unchanged;
