import { LinkedList } from '../collections/linked-list.ts';
import { onAbort } from './on-abort.ts';

/** Options of a wait, such as `queue.get()` or `semaphore.acquire()`. */
export interface TurnOptions {
  /** Ends the wait when it aborts: the promise rejects with its reason, and nothing is put, taken or acquired. */
  readonly signal?: AbortSignal | undefined;
}

/** Callers that wait for their turn, the longest wait first. Each is taken out to be settled. */
export type WaitingLine<T, More = object> = LinkedList<Waiter<T> & More>;

interface Waiter<T> {
  resolve(value: T): void;
  reject(error: unknown): void;
}

/** Waits in a line until the waiter is taken out and settled, or until the signal aborts. */
export function waitIn<T, More extends object>(
  line: WaitingLine<T, More>,
  more: More,
  signal?: AbortSignal,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const unlink = signal && onAbort(signal, cancel);
    const entry = line.push({
      ...more,
      resolve: (value) => {
        unlink?.();
        resolve(value);
      },
      reject: (error) => {
        unlink?.();
        reject(error);
      },
    });
    function cancel(): void {
      line.remove(entry);
      reject(signal?.reason);
    }
  });
}
