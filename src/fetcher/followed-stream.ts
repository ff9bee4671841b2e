import { withoutUndefined } from '../collections/without-undefined.ts';
import { FetchError } from '../http/error.ts';
import type { CancelledResult, FetchResult } from '../http/result.ts';
import type { ResultStream } from './fetcher.ts';
import type { Following } from './following.ts';

/** The results of a run that grows: each is followed before it is yielded. */
export class FollowedStream implements ResultStream {
  readonly #results: ResultStream;
  readonly #following: Following;
  readonly #abort: (reason: unknown) => void;

  /** @param abort ends the run with what `follow` threw */
  constructor(results: ResultStream, following: Following, abort: (reason: unknown) => void) {
    this.#results = results;
    this.#following = following;
    this.#abort = abort;
  }

  async next(): Promise<IteratorResult<FetchResult, undefined>> {
    const step = await this.#results.next();
    if (step.done) return step;
    try {
      this.#following.settle(step.value);
      return step;
    } catch (reason) {
      this.#abort(reason);
      return this.#following.isOfJournal ? { done: false, value: unfollowed(step.value, reason) } : step;
    }
  }

  return(): Promise<IteratorResult<FetchResult, undefined>> {
    return this.#results.return!();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve(this.#results[Symbol.asyncDispose]());
  }
}

/** In place of a result that could not be followed: a later run of the journal asks for it again, and follows it then. */
function unfollowed(result: FetchResult, cause: unknown): CancelledResult {
  const { index, url, method, elapsedMs, attempts, timingsMs, at, id, bodyHash, headersHash, from } = result;
  const { source, line, input } = result;
  const given = withoutUndefined({ at, id, bodyHash, headersHash, from, source, line, input });
  const error = new FetchError('ABORTED', "Not followed, as 'follow' failed", { cause, url, index });
  return { index, url, method, elapsedMs, attempts, timingsMs, ...given, kind: 'cancelled', ok: false, error };
}
