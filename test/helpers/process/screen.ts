/** A minimal terminal that shows what a person would see: an endless screen, one character per column. */
export class Screen {
  readonly #columns: number;
  #lines: string[][] = [[]];
  #row = 0;
  #column = 0;
  #wraps = true;
  /** True while the cursor is visible. */
  isCursorShown = true;
  /** Escape sequences that it does not know. */
  readonly strange: string[] = [];
  /** Width of the widest line so far in columns, or more if it had to be cut or wrapped. */
  widest = 0;

  constructor(columns: number) {
    this.#columns = columns;
  }

  get cursor(): readonly [row: number, column: number] {
    return [this.#row, this.#column];
  }

  get wraps(): boolean {
    return this.#wraps;
  }

  /** The text on the screen, without blank lines at the end. */
  get text(): string {
    return this.#lines
      .map((line) =>
        Array.from(line, (character) => character ?? ' ')
          .join('')
          .trimEnd(),
      )
      .join('\n')
      .trimEnd();
  }

  write(output: string): void {
    // oxlint-disable-next-line no-control-regex -- that is what a terminal understands
    for (const [token] of output.matchAll(/\u001b\[[?\d;]*[A-Za-z]|[^]/gu)) this.#take(token);
  }

  #take(token: string): void {
    if (token === '\r') this.#column = 0;
    else if (token === '\n') this.#down();
    else if (token.startsWith('\u001b[')) this.#obey(token.slice(2));
    else if (/\p{Cc}/u.test(token)) this.strange.push(token);
    else this.#put(token);
  }

  #down(): void {
    this.#row += 1;
    this.#lines[this.#row] ??= [];
  }

  #put(character: string): void {
    this.widest = Math.max(this.widest, this.#column + 1);
    if (this.#column >= this.#columns) {
      if (!this.#wraps) return;
      this.#column = 0;
      this.#down();
    }
    this.#lines[this.#row]![this.#column] = character;
    this.#column += 1;
  }

  #obey(sequence: string): void {
    if (sequence === 'K') this.#lines[this.#row]!.length = Math.min(this.#lines[this.#row]!.length, this.#column);
    else if (sequence === 'J') {
      this.#lines.length = this.#row + 1;
      this.#obey('K');
    } else if (/^\d+A$/.test(sequence)) this.#row = Math.max(0, this.#row - Number.parseInt(sequence, 10));
    else if (sequence === '?7l' || sequence === '?7h') this.#wraps = sequence.endsWith('h');
    else if (sequence === '?25l' || sequence === '?25h') this.isCursorShown = sequence.endsWith('h');
    else if (!/^[\d;]*m$/.test(sequence)) this.strange.push(sequence);
  }
}
