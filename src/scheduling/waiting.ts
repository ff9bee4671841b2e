import { Call } from '../call/call.ts';
import { canonicalPath } from '../http/canonical-get.ts';
import type { FetchRequest } from '../http/request.ts';

/**
 * The request behind a ticket. A URL in canonical form waits as its text, another request as parsed; a call waits for
 * its next slot, or for its first one if it belongs to `fetch()`.
 */
export type WaitingItem = string | FetchRequest | Call;

/** The columns of one ticket. */
export interface WaitingRow {
  readonly item: WaitingItem;
  readonly origin: string;
  /** Position in the input, from 0. */
  readonly index: number;
  /** Milliseconds on the monotonic clock at which the wait began. */
  readonly since: number;
}

/**
 * The requests that wait in one run, in columns. A ticket is a row number. Tens of thousands may wait for long; one
 * object each would outlive two collections and give the garbage collector most of its work.
 */
export class Waiting {
  /** Undefined in a row that is free, or removed while a queue still holds its ticket. */
  readonly #items: (WaitingItem | undefined)[] = [];
  readonly #origins: string[] = [];
  readonly #indices: number[] = [];
  readonly #since: number[] = [];
  readonly #free: number[] = [];

  /** Adds a request and returns its ticket. */
  add(item: WaitingItem, origin: string, index: number, since: number): number {
    const ticket = this.#free.pop() ?? this.#items.length;
    this.#items[ticket] = item;
    this.#origins[ticket] = origin;
    this.#indices[ticket] = index;
    this.#since[ticket] = since;
    return ticket;
  }

  /** Returns the request behind a ticket that still waits. */
  itemOf(ticket: number): WaitingItem {
    return this.#items[ticket]!;
  }

  /** Returns the origin under which a ticket waits. */
  originOf(ticket: number): string {
    return this.#origins[ticket]!;
  }

  /** Returns path and query of what a ticket that still waits is to send. */
  pathOf(ticket: number): string {
    const item = this.itemOf(ticket);
    if (typeof item === 'string') return canonicalPath(item);
    return item instanceof Call ? item.target.path : (item.trail?.hop ?? item).path;
  }

  /** Removes a ticket that has left its queue and returns its row. The ticket may be given out again. */
  take(ticket: number): WaitingRow {
    const row = {
      item: this.#items[ticket]!,
      origin: this.#origins[ticket]!,
      index: this.#indices[ticket]!,
      since: this.#since[ticket]!,
    };
    this.#items[ticket] = undefined;
    this.#free.push(ticket);
    return row;
  }

  /** Marks a ticket as removed while its queue still holds it. The ticket stays taken until {@link reclaim}. */
  remove(ticket: number): void {
    this.#items[ticket] = undefined;
  }

  /** Frees a ticket that its queue has passed over. Returns false, and does nothing, if the ticket was not removed. */
  reclaim(ticket: number): boolean {
    if (this.#items[ticket] !== undefined) return false;
    this.#free.push(ticket);
    return true;
  }
}
