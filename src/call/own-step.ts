import { hookError } from '../http/own-function.ts';
import type { Call } from './call.ts';
import { failed, type Done, type Outcome } from './outcome.ts';

/** A function of the caller's, and what messages call it. */
export interface Own<T> {
  readonly name: string;
  readonly ask: () => T | Promise<T>;
}

/** What became of a function of the caller's: its value, or the outcome that ends the attempt. */
type Answer<T> = { readonly value: T; readonly outcome?: undefined } | { readonly outcome: Outcome };

/**
 * Runs a function of the caller's as a step of a call, which can be interrupted and cancelled meanwhile. Whatever it throws
 * is `HOOK_FAILED`.
 */
export async function ownStep<T>(own: Own<T>, call: Call): Promise<Answer<T>> {
  const stopped = Promise.withResolvers<Answer<T>>();
  call.begin({ stop: (reason) => stopped.resolve({ outcome: call.outcomeOfStop(reason) }) });
  const answer = await Promise.race([answerOf(own), stopped.promise]);
  call.end();
  return answer;
}

/** {@link ownStep}, and then continues with the value, or with the outcome that ends the attempt. */
export function afterOwnStep<T>(own: Own<T>, call: Call, done: Done, go: (value: T) => void): void {
  void continueAfter(own, call, done, go);
}

async function continueAfter<T>(own: Own<T>, call: Call, done: Done, go: (value: T) => void): Promise<void> {
  const answer = await ownStep(own, call);
  try {
    if (answer.outcome) done(answer.outcome);
    else go(answer.value);
  } catch (cause) {
    call.fail(cause);
  }
}

async function answerOf<T>({ name, ask }: Own<T>): Promise<Answer<T>> {
  try {
    return { value: await ask() };
  } catch (cause) {
    return { outcome: failed(hookError(name, cause)) };
  }
}
