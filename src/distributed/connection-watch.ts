import { BrokerError, type Broker } from './broker.ts';
import { pause } from './persist.ts';

/**
 * Says when the broker has not answered for some seconds, and when it does again.
 *
 * @param onNotice receives messages for people
 * @returns a function that ends this
 */
export function watchConnection(broker: Broker, onNotice: (message: string) => void): () => void {
  const end = new AbortController();
  // What a function of the caller's throws must not end the process.
  watch(broker, onNotice, end.signal).catch(() => {});
  return () => end.abort();
}

async function watch(broker: Broker, onNotice: (message: string) => void, signal: AbortSignal): Promise<void> {
  const notice = new ConnectionNotice(broker.address);
  for (;;) {
    await pause(askMs, signal);
    if (signal.aborted) return;
    const askedAt = performance.now();
    const failure = await failureOf(broker);
    if (signal.aborted) return;
    const message =
      failure === undefined ? notice.answered() : notice.failed({ askedAt, now: performance.now(), failure });
    if (message !== undefined) onNotice(message);
  }
}

/** Says that a broker does not answer, and why; undefined if it does. */
async function failureOf(broker: Broker): Promise<string | undefined> {
  try {
    await broker.ping();
    return undefined;
  } catch (error) {
    const { message } = error as Error;
    if (error instanceof BrokerError) return message;
    return `lost the connection to the queue at ${broker.address} (${message}); waiting for it`;
  }
}

/** What there is to say about a connection: once when it has been lost for long enough, once when it is back. */
export class ConnectionNotice {
  readonly #address: string;
  /** When the first question without an answer was asked. */
  #lostAt: number | undefined;
  #isTold = false;

  constructor(address: string) {
    this.#address = address;
  }

  /** Notes that the broker did not answer. Times are in milliseconds. */
  failed({ askedAt, now, failure }: { askedAt: number; now: number; failure: string }): string | undefined {
    this.#lostAt ??= askedAt;
    if (this.#isTold || now - this.#lostAt < patienceMs) return undefined;
    this.#isTold = true;
    return failure;
  }

  /** Notes that the broker has answered. */
  answered(): string | undefined {
    const wasTold = this.#isTold;
    this.#isTold = false;
    this.#lostAt = undefined;
    return wasTold ? `connected again to the queue at ${this.#address}` : undefined;
  }
}

const askMs = 1000;
/** Milliseconds without an answer that are not worth a word. */
const patienceMs = 5000;
