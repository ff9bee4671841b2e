/** Tells the person at the terminal one line. Everything that is no record goes this way. */
export function say(line: string): void {
  process.stderr.write(above(`fetchmany: ${line}\n`));
}

/**
 * Has all that is said come to stand above what is shown at the foot of the terminal, until the function it returns is called.
 *
 * @param place says what to write instead of a text
 */
export function sayAbove(place: (text: string) => string): () => void {
  above = place;
  return () => {
    above = asIs;
  };
}

const asIs = (text: string): string => text;
let above = asIs;
