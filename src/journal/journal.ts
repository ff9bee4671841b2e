import { complaint } from '../check.ts';
import { jsonl } from '../outputs/formats/jsonl.ts';
import type { RequestInput } from '../http/request.ts';
import type { FetchResult } from '../http/result.ts';
import { fsyncPolicies, type FsyncPolicy } from './appender.ts';
import { openRecords } from './open-records.ts';
import { Resumption } from './resumption.ts';

/** How a {@link Journal} is kept. */
export interface JournalOptions {
  /**
   * Whether what is not `ok` is taken up again. What was cancelled always is.
   * @default false
   */
  readonly retryFailed?: boolean;
  /**
   * When records are made safe from a power failure: each before the next result, all within a second, or when the system
   * sees fit. A kill of the process loses no record that is written.
   * @default 'second'
   */
  readonly fsync?: FsyncPolicy;
  /**
   * Whether records hold the headers of responses.
   * @default false
   */
  readonly includeHeaders?: boolean;
}

/**
 * A file of records, and what is left of a list by it.
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
   * The requests of a list that have no record yet, in the order of the list, read as they are asked for. To be called once,
   * and to be given as it is to one call of a fetcher: a second call throws a `TypeError`.
   */
  pending(inputs: Iterable<RequestInput> | AsyncIterable<RequestInput>): AsyncIterable<RequestInput>;
  /**
   * Yields the results of what was pending, each with its index in the whole list, and writes the record of each when the
   * next one is asked for. So a result counts as done once it was handled: after a kill, a `throw` or a `break` in the loop, its
   * request is sent again. Throws if a record cannot be written (no space, a file that somebody else deletes or cuts).
   */
  record(results: Iterable<FetchResult> | AsyncIterable<FetchResult>): AsyncGenerator<FetchResult, void, undefined>;
  /** How many requests of the list had a record already, as far as it has been read. */
  readonly done: number;
  /** How many of these were not `ok`. */
  readonly notOk: number;
  /** Closes the file, and lets other processes have it. Rejects if not everything is written for good. */
  close(): Promise<void>;
}

/**
 * Opens a file of records (JSON Lines, as the command line writes it with `-o FILE.jsonl`) to go on with what earlier runs
 * left; there need not be one yet, and an empty one is like none. Its torn last line is cut. Until it is closed it is locked
 * for other processes, by a file `FILE.lock`.
 *
 * Rejects with an `Error` whose message says why on one line, and leaves the file alone: if another process has it, it
 * cannot be written, or it holds anything but records. A wrong option is a `TypeError`.
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
