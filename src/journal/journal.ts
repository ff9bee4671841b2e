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
   * When records are flushed to disk, safe from a loss of power: `record`, each before it is yielded; `second`, all within
   * a second; `never`, when the system decides. A kill of the process loses no record that was yielded.
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
 *   // each result, after it is written
 * }
 * ```
 */
export interface Journal extends AsyncDisposable {
  /**
   * Returns the requests of a list that have no record yet, in the order of the list; the list is read on demand. Pass them
   * unchanged to one call of a fetcher. A second call of `pending()` throws a `TypeError`.
   */
  pending(inputs: Iterable<RequestInput> | AsyncIterable<RequestInput>): AsyncIterable<RequestInput>;
  /**
   * Writes the results of the pending requests, and yields each after it is written, with its index in the whole list.
   * Throws if one cannot be written (no space, or somebody else deleted or cut the file): all results yielded before are in
   * the file, and the run can be resumed.
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
 * Opens a file of records (JSON Lines, as `-o FILE.jsonl` writes it) to continue what earlier runs left. The file may be
 * missing or empty; a torn last line is cut. Until `close()` a file `FILE.lock` keeps other processes away.
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
      await output.write(row(result));
      yield result;
    }
  }

  return {
    pending(inputs) {
      if (hasList) {
        throw new TypeError('Cannot take a second list: a journal goes on with one; join the lists, or open it anew');
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
