import { complaint } from '../check.ts';
import { jsonl } from '../outputs/formats/jsonl.ts';
import type { RequestInput } from '../http/request.ts';
import type { FetchResult } from '../http/result.ts';
import { fsyncPolicies, type FsyncPolicy } from './appender.ts';
import { openRecords } from './open-records.ts';
import { Resumption } from './resumption.ts';

/** Options of {@link openJournal}. */
export interface JournalOptions {
  /**
   * Makes requests again whose result was not `ok`. Cancelled requests always are.
   * @default false
   */
  readonly retryFailed?: boolean;
  /**
   * When records are flushed to disk, safe from a loss of power: `record`, each before the next result; `second`, all
   * within a second; `never`, when the system decides. A kill of the process loses no record that was written.
   * @default 'second'
   */
  readonly fsync?: FsyncPolicy;
  /**
   * Includes the response headers in records.
   * @default false
   */
  readonly includeHeaders?: boolean;
}

/**
 * A file of records, and the rest of a list that has no record there yet.
 *
 * ```ts
 * await using journal = await openJournal('results.jsonl');
 * for await (const result of journal.record(fetcher.asCompleted(journal.pending(urls)))) {
 *   // keep what you need of it here: its record is written when you ask for the next
 * }
 * ```
 */
export interface Journal extends AsyncDisposable {
  /**
   * Returns the requests of a list that have no record yet, in the order of the list; the list is read on demand. Pass
   * them unchanged to one call of a fetcher. A second call of `pending()` throws a `TypeError`.
   */
  pending(inputs: Iterable<RequestInput> | AsyncIterable<RequestInput>): AsyncIterable<RequestInput>;
  /**
   * Yields the results of what was pending, each with its index in the whole list, and writes the record of each when the
   * next one is asked for. So a result counts as done once it was handled: after a kill, a `throw` or a `break` in the loop, its
   * request is sent again. Throws if a record cannot be written (no space, a file that somebody else deletes or cuts).
   */
  record(results: Iterable<FetchResult> | AsyncIterable<FetchResult>): AsyncGenerator<FetchResult, void, undefined>;
  /** Number of requests that had a record already, in the part of the list read so far. */
  readonly done: number;
  /** Number of requests that had a record already and were not `ok`. */
  readonly notOk: number;
  /** Closes the file and releases its lock. Rejects if anything could not be written. */
  close(): Promise<void>;
}

/**
 * Opens a file of records (JSON Lines, as `-o FILE.jsonl` writes it) to continue what earlier runs left. The file may
 * be missing or empty; an incomplete last line is cut off. Until `close()` a file `FILE.lock` keeps other processes
 * away.
 *
 * @throws an `Error` with the reason on one line, and leaves the file as it was, if another process holds its lock, it
 * cannot be written, or it holds anything but records; a `TypeError` for a wrong option. Both as rejections.
 */
export async function openJournal(path: string, options: JournalOptions = {}): Promise<Journal> {
  const { fsync = 'second', includeHeaders = false, ...rest } = options;
  requirePolicy(fsync);
  const resumption = new Resumption(rest);
  const output = await openRecords(path, { start: 'resume', fsync, take: (entry) => resumption.add(entry) });
  const { row } = jsonl({ includeHeaders });

  let hasList = false;

  async function* record(
    results: Iterable<FetchResult> | AsyncIterable<FetchResult>,
  ): AsyncGenerator<FetchResult, void, undefined> {
    for await (const numbered of results) {
      const result = resumption.renumber(numbered);
      // Written last: a process that is killed while it handles a result gets that result again.
      yield result;
      await output.write(row(result));
    }
  }

  return {
    pending(inputs) {
      if (hasList) {
        throw new TypeError(
          'Cannot take a second list: a journal continues only one; join the lists, or open the journal again',
        );
      }
      hasList = true;
      return resumption.pending(inputs);
    },
    record,
    get done() {
      return resumption.done;
    },
    get notOk() {
      return resumption.notOk;
    },
    close: () => output.close(),
    [Symbol.asyncDispose]: () => output.close(),
  };
}

function requirePolicy(fsync: unknown): void {
  if (fsyncPolicies.some((policy) => policy === fsync)) return;
  throw new TypeError(complaint('open a journal', 'fsync', `one of ${fsyncPolicies.join(', ')}`, fsync));
}
