import { interruptedCode } from './exit-code.ts';
import { graceMs, type Halt, type HaltSignal } from './halt.ts';
import { say } from '../../rows/say.ts';

/**
 * Heeds Ctrl-C, SIGTERM and SIGHUP (the terminal was closed): the first one stops the starting, the second one cuts off
 * what is in flight, the third one ends the process.
 *
 * @returns a function that ends the heeding
 */
export function handleSignals(halt: Halt): () => void {
  let count = 0;

  function heed(signal: HaltSignal): void {
    count += 1;
    if (count === 1) {
      say(`${signal}: nothing new starts; what is in flight gets up to ${graceMs / 1000} s (once more cuts it off)`);
      halt.stopStarting(signal);
    } else if (count === 2) {
      say(`${signal}: what is in flight is cut off (once more ends at once)`);
      halt.cancelRunning(signal);
    } else {
      process.exit(interruptedCode(signal));
    }
  }

  for (const signal of signals) process.on(signal, heed);
  return () => {
    for (const signal of signals) process.off(signal, heed);
  };
}

const signals: readonly HaltSignal[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
