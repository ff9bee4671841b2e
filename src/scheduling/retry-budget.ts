const startTokens = 20;
const maxTokens = 100;
const earnedByRetry = 10;
const earnedByFirst = 0.1;

/**
 * The retries a host may cost. A retry costs one token and a success after a retry earns ten, so a host where fewer
 * than one retry in ten helps runs dry. A success at the first attempt earns a tenth of a token.
 */
export class RetryBudget {
  #tokens = startTokens;
  #inFlight = 0;

  /** True unless the budget is empty and no retry in flight may earn more. */
  get mayHelp(): boolean {
    return this.#hasToken || this.#inFlight > 0;
  }

  /** Takes one retry out of the budget. Returns false if there is none. */
  spend(): boolean {
    if (!this.#hasToken) return false;
    this.#tokens -= 1;
    this.#inFlight += 1;
    return true;
  }

  /** Notes that a retry has ended, however it did. */
  end(): void {
    this.#inFlight -= 1;
  }

  /** Notes a success. */
  earn(isAfterRetry: boolean): void {
    this.#tokens = Math.min(maxTokens, this.#tokens + (isAfterRetry ? earnedByRetry : earnedByFirst));
  }

  /** Returns the retries that are left, for another process. */
  save(): number {
    return this.#tokens;
  }

  /** Goes on with what was saved. */
  restore(tokens: number): void {
    this.#tokens = tokens;
  }

  get #hasToken(): boolean {
    // Ten times a tenth is less than one in binary fractions.
    return this.#tokens >= 1 - 1e-9;
  }
}
