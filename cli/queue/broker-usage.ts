import { BrokerError } from '../../src/distributed/broker.ts';
import { UsageError } from '../flags/usage-error.ts';

/** Runs something with a queue. A queue that cannot be used is reported as a mistake in the command line. */
export async function withQueue<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (cause) {
    if (cause instanceof BrokerError) throw new UsageError(cause.message, { cause });
    throw cause;
  }
}
