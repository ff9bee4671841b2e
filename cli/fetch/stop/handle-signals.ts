import { interruptedCode } from './exit-code.ts';
import { graceMs, type Halt, type HaltSignal } from './halt.ts';
import { say } from '../../rows/say.ts';

/**
 * Handles Ctrl-C (SIGINT), SIGTERM and SIGHUP (the terminal was closed). The first signal stops new requests, the
 * second cancels the running ones, the third exits at once.
 *
 * @returns a function that removes the handlers
 */
export function handleSignals(halt: Halt): () => void {
  let count = 0;

  function handle(signal: HaltSignal): void {
    count += 1;
    const again = signal === 'SIGINT' ? 'press Ctrl-C again' : 'send it again';
    if (count === 1) {
      say(`${signal}: finishing requests, up to ${graceMs / 1000} s (${again} to cancel)`);
      halt.stopStarting(signal);
    } else if (count === 2) {
      say(`${signal}: cancelling running requests (${again} to exit now)`);
      halt.cancelRunning(signal);
    } else {
      process.exit(interruptedCode(signal));
    }
  }

  for (const signal of signals) process.on(signal, handle);
  return () => {
    for (const signal of signals) process.off(signal, handle);
  };
}

const signals: readonly HaltSignal[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
