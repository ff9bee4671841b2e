/**
 * A few lines at the foot of a terminal that are written anew again and again, each time in one piece.
 *
 * The cursor rests where the block begins. So erasing it is right whatever became of its lines since (a terminal that was
 * made narrower breaks them), what a program next to us writes goes over it and not behind it, and there is no need to hide the
 * cursor: nothing has to be put right again, not even after a kill.
 */
export class Block {
  readonly #write: (text: string) => void;
  #lines: readonly string[] = [];
  #isMidLine = false;

  /** @param write writes to the terminal */
  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  /** Shows these lines in the place of those before. Each must fit on one line of the terminal, and all on its height. */
  show(lines: readonly string[]): void {
    // What was written above ended in the midst of a line: there is no place for a block.
    if (this.#isMidLine) return;
    if (lines.length === this.#lines.length && lines.every((line, at) => line === this.#lines[at])) return;
    const before = this.#lines;
    this.#lines = lines;
    if (lines.length === 0 && before.length > 0) this.#write(erased);
    else if (lines.length > 0) this.#write(drawn(lines));
  }

  /** Shows the same lines once more: after the terminal was changed. */
  refresh(lines: readonly string[]): void {
    if (this.#lines.length === 0) return;
    this.#lines = lines;
    this.#write(erased + drawn(lines));
  }

  /** What to write so that a text comes to stand above the block. It is one piece as well. */
  above(text: string): string {
    const before = this.#lines.length > 0 ? erased : '';
    if (text !== '') this.#isMidLine = !text.endsWith('\n');
    if (this.#isMidLine) this.#lines = [];
    return before + text + (this.#lines.length > 0 ? drawn(this.#lines) : '');
  }

  /** Takes it away. */
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

/** Written over what is there, since a screen that is erased first can be seen to flicker. */
function drawn(lines: readonly string[]): string {
  const up = lines.length > 1 ? `${escape}${lines.length - 1}A` : '';
  // Should the terminal have become narrower this very moment, a line is cut off and not broken.
  return `\r${noWrap}${lines.join(`${eraseLineEnd}\r\n`)}${eraseBelow}${wrap}\r${up}`;
}
