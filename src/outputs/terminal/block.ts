/**
 * A few lines at the bottom of a terminal that are redrawn in place, each time in one write.
 *
 * The cursor rests at the start of the block. Erasing from there is right whatever has become of the lines (a terminal
 * that is made narrower wraps them), and output of another program overwrites the block instead of following it. The
 * cursor is never hidden, so nothing has to be restored, not even after a kill.
 */
export class Block {
  readonly #write: (text: string) => void;
  #lines: readonly string[] = [];
  #isMidLine = false;

  /** @param write writes to the terminal */
  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  /** Replaces the lines shown. Each must fit the width of the terminal, and all of them its height. */
  show(lines: readonly string[]): void {
    // The text above ended without a line break, so there is no line to begin the block on.
    if (this.#isMidLine) return;
    if (lines.length === this.#lines.length && lines.every((line, at) => line === this.#lines[at])) return;
    const before = this.#lines;
    this.#lines = lines;
    if (lines.length === 0 && before.length > 0) this.#write(erased);
    else if (lines.length > 0) this.#write(drawn(lines));
  }

  /** Redraws the block after the terminal was resized. Does nothing if no block is shown. */
  refresh(lines: readonly string[]): void {
    if (this.#lines.length === 0) return;
    this.#lines = lines;
    this.#write(erased + drawn(lines));
  }

  /** Returns what to write, in one write, to put a text above the block. */
  above(text: string): string {
    const before = this.#lines.length > 0 ? erased : '';
    if (text !== '') this.#isMidLine = !text.endsWith('\n');
    if (this.#isMidLine) this.#lines = [];
    return before + text + (this.#lines.length > 0 ? drawn(this.#lines) : '');
  }

  /** Removes the block. */
  clear(): void {
    this.show([]);
  }
}

const escape = '\u001b[';
const eraseLineEnd = `${escape}K`;
const eraseBelow = `${escape}J`;
const noWrap = `${escape}?7l`;
const wrap = `${escape}?7h`;
const erased = `\r${eraseBelow}`;

/** Draws over the old lines. Erasing them first would flicker. */
function drawn(lines: readonly string[]): string {
  const up = lines.length > 1 ? `${escape}${lines.length - 1}A` : '';
  // Without wrapping, a terminal that has just become narrower cuts a line off instead of breaking it.
  return `\r${noWrap}${lines.join(`${eraseLineEnd}\r\n`)}${eraseBelow}${wrap}\r${up}`;
}
