/** Tells the person at the terminal one line. Everything that is no record goes this way. */
export function say(line: string): void {
  process.stderr.write(`fetchmany: ${line}\n`);
}
