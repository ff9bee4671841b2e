/** Conditions that tests wait for. Each is checked when it is added, and at every `check()`. */
export class Conditions {
  readonly #waiting = new Set<() => void>();

  /** Resolves once the condition holds. */
  until(isTrue: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const check = (): void => {
        if (!isTrue()) return;
        this.#waiting.delete(check);
        resolve();
      };
      this.#waiting.add(check);
      check();
    });
  }

  /** Checks all conditions: something they may depend on has changed. */
  check(): void {
    for (const check of this.#waiting) check();
  }
}
