import type { Broker, Commit } from './broker.ts';
import { persist } from './persist.ts';
import { compress } from './wire.ts';

/** The parts of a {@link Committer}. */
export interface CommitterOptions {
  readonly broker: Pick<Broker, 'commit'>;
  /** The run that the records belong to. */
  readonly run: string;
  /** Called once if the broker refuses a commit, as another run has begun. */
  readonly onStale: () => void;
  /** Aborts what waits for the broker. */
  readonly signal: AbortSignal;
}

/**
 * Gathers records for some milliseconds and hands them over, one commit at a time. A record is done once the commit that
 * has it was answered. A commit is tried until it is answered: the coordinator drops what it has already.
 */
export class Committer {
  readonly #options: CommitterOptions;
  /** What is being gathered. */
  #next: Batch | undefined;
  /** What is under way. */
  #sent: Batch | undefined;
  #isSending = false;
  #isStale = false;

  constructor(options: CommitterOptions) {
    this.#options = options;
  }

  /** Adds a record. Returns a promise to await before the next one if too many wait; it rejects as {@link flush} does. */
  add(chunk: string, position: number, line: string): Promise<void> | undefined {
    const batch = this.#gather();
    batch.add(chunk, position, line);
    return batch.bytes > maxWaitingBytes ? batch.answered : undefined;
  }

  /** Adds a pause of a host, until a time in milliseconds on the monotonic clock. */
  pause(key: string, until: number): void {
    this.#gather().pause(key, until);
  }

  /** Resolves once everything added so far was answered. Rejects with the reason of the signal. */
  flush(): Promise<void> {
    return (this.#next ?? this.#sent)?.answered ?? Promise.resolve();
  }

  #gather(): Batch {
    this.#next ??= new Batch();
    if (!this.#isSending) void this.#send();
    return this.#next;
  }

  async #send(): Promise<void> {
    this.#isSending = true;
    while (this.#next !== undefined) {
      await new Promise((resolve) => setTimeout(resolve, gatherMs));
      const batch = this.#next;
      this.#next = undefined;
      this.#sent = batch;
      try {
        await this.#commit(batch);
        batch.resolve();
      } catch (reason) {
        batch.reject(reason);
      }
    }
    this.#sent = undefined;
    this.#isSending = false;
  }

  async #commit(batch: Batch): Promise<void> {
    const { broker, run, signal, onStale } = this.#options;
    const content = batch.content();
    if (this.#isStale || (await persist(() => broker.commit({ run, ...content, pauses: batch.pauses() }), signal)))
      return;
    this.#isStale = true;
    onStale();
  }
}

/** Records that are handed over together. */
class Batch {
  readonly answered: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
  bytes = 0;
  readonly #chunks = new Map<string, { readonly positions: number[]; readonly lines: string[] }>();
  readonly #pauses = new Map<string, number>();

  constructor() {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    // Not everyone waits for it.
    promise.catch(() => {});
    this.answered = promise;
    this.resolve = resolve;
    this.reject = reject;
  }

  add(chunk: string, position: number, line: string): void {
    let entry = this.#chunks.get(chunk);
    if (entry === undefined) {
      entry = { positions: [], lines: [] };
      this.#chunks.set(chunk, entry);
    }
    entry.positions.push(position);
    entry.lines.push(line);
    this.bytes += line.length;
  }

  pause(key: string, until: number): void {
    this.#pauses.set(key, Math.max(until, this.#pauses.get(key) ?? 0));
  }

  content(): Pick<Commit, 'payload' | 'chunks'> {
    const gathered = [...this.#chunks];
    return {
      payload: compress(gathered.map(([, { lines }]) => lines.join('')).join('')),
      chunks: gathered.map(([id, { positions }]) => ({ id, positions })),
    };
  }

  /** The milliseconds left of each pause, which depend on when they are sent. */
  pauses(): Commit['pauses'] {
    const now = performance.now();
    return Array.from(this.#pauses, ([key, until]) => ({ key, ms: until - now }));
  }
}

/** Milliseconds for which records are gathered. */
const gatherMs = 20;
/** Bytes of records beyond which the sender has to wait. */
const maxWaitingBytes = 4 * 1024 * 1024;
