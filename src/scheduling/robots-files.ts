import { FetchError } from '../http/error.ts';
import type { RobotsRules } from '../http/robots-txt.ts';

/** A robots.txt is read again after a day (RFC 9309, section 2.4). */
const maxAgeMs = 24 * 60 * 60 * 1000;
/** One that could not be read is asked for again this often. */
const askAgainMs = 60_000;
/** Longest `Crawl-delay` that is kept, in milliseconds. */
const maxCrawlDelayMs = 30_000;
const maxFiles = 10_000;
/** Characters of all rules together. */
const maxSize = 50_000_000;

/**
 * What a robots.txt says: rules; nothing, so that all is allowed; or why it is not known, so that nothing is. Where no
 * request can be sent, as there is no such host, the requests are to fail for that reason: `out of reach`.
 */
export type RobotsFile = RobotsRules | 'allows all' | 'out of reach' | { readonly unreadable: string };

/** A host whose robots.txt asks for a time between two requests. */
export interface DelayedHost {
  readonly host: string;
  /** Milliseconds from one start to the next that are kept. */
  readonly delayMs: number;
  /** Milliseconds that the file asks for. */
  readonly askedMs: number;
}

interface Entry {
  readonly file: RobotsFile;
  /** Milliseconds on the monotonic clock from which the file is read again. */
  readonly staleAt: number;
  readonly size: number;
  readonly askedMs: number;
  readonly delayMs: number;
  /** Milliseconds on the monotonic clock of the next start. */
  dueAt: number;
}

/**
 * The robots.txt of each origin, as far as they are known, and those that are wanted. It reads none itself: `onWanted` is
 * called when there is one to read. Times are in milliseconds of one monotonic clock.
 */
export class RobotsFiles {
  /** Called when a file is wanted. */
  onWanted: () => void = () => {};
  /** In order of their last use. */
  readonly #entries = new Map<string, Entry>();
  /** Origins whose file is wanted and not being read. */
  readonly #wanted = new Set<string>();
  readonly #reading = new Set<string>();
  #size = 0;

  /** Tells whether the file of an origin is known and not too old. */
  isKnown(origin: string, now: number): boolean {
    const entry = this.#entries.get(origin);
    return entry !== undefined && now < entry.staleAt;
  }

  /** Asks for the file of an origin. */
  want(origin: string): void {
    if (this.#reading.has(origin) || this.#wanted.has(origin)) return;
    this.#wanted.add(origin);
    this.onWanted();
  }

  /** Returns the origin whose file is to be read next; undefined if none is. */
  nextWanted(): string | undefined {
    for (const origin of this.#wanted) {
      this.#wanted.delete(origin);
      this.#reading.add(origin);
      return origin;
    }
    return undefined;
  }

  /** Notes that a file was not read. It is read once it is wanted again. */
  drop(origin: string): void {
    this.#reading.delete(origin);
  }

  /** Notes what a file says. One that can no longer be read is kept as it was. */
  read(origin: string, file: RobotsFile, now: number): void {
    this.#reading.delete(origin);
    const old = this.#entries.get(origin);
    this.#remove(origin);
    const isRead = file === 'allows all' || isRules(file);
    const kept = isRead || old === undefined ? file : old.file;
    const rules = isRules(kept) ? kept : undefined;
    const askedMs = rules?.crawlDelayMs ?? 0;
    this.#add(origin, {
      file: kept,
      staleAt: now + (isRead ? maxAgeMs : askAgainMs),
      size: rules?.size ?? 0,
      askedMs,
      delayMs: Math.min(askedMs, maxCrawlDelayMs),
      dueAt: old?.dueAt ?? -Infinity,
    });
  }

  /** Returns the error of a path that the file of its origin denies; undefined if it is allowed, or the file not known. */
  denial(origin: string, path: string): FetchError | undefined {
    const entry = this.#entries.get(origin);
    if (entry === undefined || typeof entry.file === 'string') return undefined;
    if (!isRules(entry.file)) {
      const message = `All URLs are disallowed, as ${origin}/robots.txt cannot be read: ${entry.file.unreadable}`;
      return new FetchError('ROBOTS_DENIED', message, { retryable: true });
    }
    const rule = entry.file.denialOf(path);
    return rule === undefined ? undefined : new FetchError('ROBOTS_DENIED', `robots.txt ${rule}`);
  }

  /** Returns the time from which a `Crawl-delay` allows a start; `Infinity` while a request is in flight. */
  openAt(origin: string, inFlight: number): number {
    const entry = this.#entries.get(origin);
    if (entry === undefined || entry.delayMs === 0) return -Infinity;
    return inFlight > 0 ? Infinity : entry.dueAt;
  }

  /** Counts a start. */
  started(origin: string, now: number): void {
    const entry = this.#entries.get(origin);
    if (entry === undefined) return;
    entry.dueAt = now + entry.delayMs;
    this.#entries.delete(origin);
    this.#entries.set(origin, entry);
  }

  /** Returns the hosts with a `Crawl-delay`. */
  delayed(): DelayedHost[] {
    return Array.from(this.#entries)
      .filter(([, { delayMs }]) => delayMs > 0)
      .map(([host, { delayMs, askedMs }]) => ({ host, delayMs, askedMs }));
  }

  #add(origin: string, entry: Entry): void {
    this.#entries.set(origin, entry);
    this.#size += entry.size;
    while (this.#entries.size > maxFiles || (this.#size > maxSize && this.#entries.size > 1))
      this.#remove(this.#entries.keys().next().value!);
  }

  #remove(origin: string): void {
    this.#size -= this.#entries.get(origin)?.size ?? 0;
    this.#entries.delete(origin);
  }
}

function isRules(file: RobotsFile): file is RobotsRules {
  return typeof file === 'object' && 'denialOf' in file;
}
