import { interruptedCode } from './exit-code.ts';
import type { Halt } from './halt.ts';
import { say } from './say.ts';

/** How long what is in flight has after the first signal. */
const graceMs = 5000;

/**
 * Heeds Ctrl-C and SIGTERM: the first one stops the starting, the second one cuts off what is in flight, the third one
 * ends the process.
 *
 * @returns a function that ends the heeding
 */
export function heedSignals(halt: Halt): () => void {
  let timer: NodeJS.Timeout | undefined;
  let count = 0;

  function heed(signal: 'SIGINT' | 'SIGTERM'): void {
    count += 1;
    if (count === 1) {
      say(`${signal}: nothing new starts; what is in flight gets up to ${graceMs / 1000} s (once more cuts it off)`);
      halt.stopStarting(signal);
      timer = setTimeout(() => halt.cutOff(signal), graceMs);
    } else if (count === 2) {
      say(`${signal}: what is in flight is cut off (once more ends at once)`);
      halt.cutOff(signal);
    } else {
      process.exit(interruptedCode(signal));
    }
  }

  process.on('SIGINT', heed).on('SIGTERM', heed);
  return () => {
    clearTimeout(timer);
    process.off('SIGINT', heed).off('SIGTERM', heed);
  };
}
