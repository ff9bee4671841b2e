/** Writes one line to standard error, after the name of the program. Everything but rows and reports goes this way. */
export function say(line: string): void {
  process.stderr.write(above(`fetchmany: ${line}\n`));
}

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
