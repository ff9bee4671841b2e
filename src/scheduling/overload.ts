/** Answers over which the share is averaged. */
const window = 8;
const minAnswers = 10;
const minShareAtFirst = 0.85;
/** Once a host has refused with 503, a few of them will do. */
const minShareAgain = 0.25;

/** An {@link Overload} as plain data. */
export interface OverloadState {
  readonly share: number;
  readonly answers: number;
  readonly isOn: boolean;
  readonly isProven: boolean;
}

/**
 * Tells a 503 that refuses requests beyond a rate from a 503 of a broken page: the former hits nearly every request. A
 * 503 counts only for a first attempt, as retries are mostly for broken pages.
 */
export class Overload {
  #share = 0;
  #answers = 0;
  #isOn = false;
  #isProven = false;

  /** Tells whether a 503 is taken for a refusal. Once a host has refused with 503, every first attempt's is. */
  refuses(isFirst: boolean): boolean {
    return this.#isOn || (this.#isProven && isFirst);
  }

  /** Returns what it has seen, for another process. */
  save(): OverloadState {
    return { share: this.#share, answers: this.#answers, isOn: this.#isOn, isProven: this.#isProven };
  }

  /** Goes on with what was saved. */
  restore({ share, answers, isOn, isProven }: OverloadState): void {
    this.#share = share;
    this.#answers = answers;
    this.#isOn = isOn;
    this.#isProven = isProven;
  }

  /** Notes an answer. */
  note(is503: boolean, isFirst: boolean): void {
    // A retry that helps shows that pages fail, not the host. Later on it only shows that the pace is right.
    if (!isFirst && (is503 || this.#isProven)) return;
    this.#answers += 1;
    // The average of so few answers would still remember that it began at 0.
    this.#share += ((is503 ? 1 : 0) - this.#share) / Math.min(window, this.#answers);
    if (this.#answers < minAnswers) return;
    this.#isOn = this.#share > (this.#isProven ? minShareAgain : minShareAtFirst);
    this.#isProven ||= this.#isOn;
  }
}
