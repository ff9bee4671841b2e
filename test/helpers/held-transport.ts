import { mockTransport, type MockReply, type MockRequest } from '../../src/transports/mock.ts';
import type { FetchError } from '../../src/http/error.ts';
import type { Transport } from '../../src/transports/custom/transport.ts';

/** A transport whose requests wait until the test answers them. */
export interface HeldTransport {
  readonly transport: Transport;
  /** Paths of all requests, in the order they were sent. */
  readonly sent: readonly string[];
  /** Paths of the requests that were aborted. */
  readonly aborted: readonly string[];
  /** Paths of the requests in flight. */
  readonly underWay: string[];
  /** Most requests that were in flight at once. */
  readonly most: number;
  /** Answers the earliest request in flight to the path. */
  answer(path: string, reply?: MockReply | FetchError): void;
  /** Answers every request in flight. */
  answerAll(): void;
  /** Resolves once `count` requests have been sent. */
  until(count: number): Promise<void>;
}

export function heldTransport(): HeldTransport {
  const sent: string[] = [];
  const aborted: string[] = [];
  const waiting = new Set<{ path: string; resolve: (reply: MockReply | FetchError) => void }>();
  const watchers = new Set<() => void>();
  let most = 0;

  function handle({ url }: MockRequest, signal: AbortSignal): Promise<MockReply | FetchError> {
    const path = url.slice(new URL(url).origin.length);
    return new Promise((resolve) => {
      const entry = { path, resolve };
      waiting.add(entry);
      most = Math.max(most, waiting.size);
      signal.addEventListener('abort', () => {
        aborted.push(path);
        waiting.delete(entry);
      });
      sent.push(path);
      for (const watch of watchers) watch();
    });
  }

  return {
    transport: mockTransport(handle),
    sent,
    aborted,
    get underWay() {
      return [...waiting].map(({ path }) => path);
    },
    get most() {
      return most;
    },
    answer(path, reply = {}) {
      const entry = [...waiting].find((candidate) => candidate.path === path);
      if (!entry) throw new Error(`Nothing is under way to ${path}`);
      waiting.delete(entry);
      entry.resolve(reply);
    },
    answerAll() {
      for (const { resolve } of waiting) resolve({});
      waiting.clear();
    },
    until: (count) =>
      new Promise((resolve) => {
        const watch = (): void => {
          if (sent.length < count) return;
          watchers.delete(watch);
          resolve();
        };
        watchers.add(watch);
        watch();
      }),
  };
}
