import { createFetcher } from '../fetcher/fetcher.ts';
import type { ResultRecord } from '../http/record.ts';
import { visibleRequest, type RequestInput } from '../http/request.ts';
import type { FsyncPolicy, RecordsOutput } from '../journal/appender.ts';
import { openRecords } from '../journal/open-records.ts';
import { textsOf } from '../journal/record-line.ts';
import { jsonl } from '../outputs/formats/jsonl.ts';
import { DoneSet } from './done-set.ts';

/** Options of {@link RunRecords}. */
export interface RunRecordsOptions {
  /** The file of records. */
  readonly output: string;
  readonly start: 'new' | 'overwrite' | 'resume';
  /** Makes requests again whose record is not ok. */
  readonly retryFailed: boolean;
  readonly fsync: FsyncPolicy;
  /** Receives each record once it is written. */
  readonly onRecord: ((record: ResultRecord) => void) | undefined;
}

/**
 * The records of a run: which inputs of the list have theirs, and the file. The first record of an input counts, and is
 * written; any other is left out.
 */
export class RunRecords {
  readonly #options: RunRecordsOptions;
  readonly #done = new DoneSet();
  /** Inputs whose record of an earlier run is not ok. */
  readonly #notOk = new DoneSet();
  /** Makes the results of requests that are not sent. */
  readonly #fetcher = createFetcher();
  readonly #row = jsonl().row;
  readonly #before = { done: 0, notOk: 0 };
  #output: RecordsOutput | undefined;
  #total = 0;
  #left = 0;
  #ok = 0;
  #written = 0;

  constructor(options: RunRecordsOptions) {
    this.#options = options;
  }

  /** Inputs of the list, as far as it was read. */
  get total(): number {
    return this.#total;
  }

  /** Inputs without a record. */
  get left(): number {
    return this.#left;
  }

  /** Records of this run, and those of them that are ok. */
  get written(): { readonly count: number; readonly ok: number } {
    return { count: this.#written, ok: this.#ok };
  }

  /** Inputs that had their record before, and those of them that were not ok. */
  get before(): { readonly done: number; readonly notOk: number } {
    return this.#before;
  }

  /**
   * Opens the file, and reads the records of earlier runs back.
   *
   * @throws OutputError, or the reason of the signal, as a rejection
   */
  async open(signal: AbortSignal): Promise<void> {
    const { output, start, fsync, retryFailed } = this.#options;
    this.#output = await openRecords(output, {
      start,
      fsync,
      signal,
      take: ({ index, texts, state }) => {
        const isDone = state === 'ok' || (state === 'not ok' && !retryFailed);
        this.#done.addEarlier(index, texts, isDone);
        this.#notOk.set(index, state === 'not ok');
      },
    });
  }

  /** Counts the next input of the list. Returns its index, and whether it has its record. */
  enter(): { readonly index: number; readonly isDone: boolean } {
    const index = this.#total;
    const isDone = this.#done.has(index);
    this.#total += 1;
    if (!isDone) this.#left += 1;
    else this.#before.done += 1;
    if (isDone && this.#notOk.has(index)) this.#before.notOk += 1;
    return { index, isDone };
  }

  /** Tells whether an input can be the one that an earlier run recorded under its index, if any did. */
  agrees(index: number, input: RequestInput): boolean {
    return this.#done.agrees(index, textsOf(visibleRequest(input)));
  }

  /** Frees what only {@link agrees} needs. */
  endOfList(): void {
    this.#done.forgetTexts();
  }

  /** Tells whether an input has its record. */
  has(index: number): boolean {
    return this.#done.has(index);
  }

  /** Notes that the record of an input is about to be written. Returns false if that is not to be: it has one. */
  claim(index: number): boolean {
    return index < this.#total && this.#done.add(index);
  }

  /** Writes records that were claimed, as lines of JSON. */
  async write(lines: readonly string[]): Promise<void> {
    if (lines.length === 0) return;
    const room = this.#output!.write(lines.join(''));
    if (room !== undefined) await room;
    this.#left -= lines.length;
    this.#written += lines.length;
    for (const line of lines) {
      const record = JSON.parse(line) as ResultRecord;
      if (record.ok) this.#ok += 1;
      this.#options.onRecord?.(record);
    }
  }

  /** Writes the record of an input that is not handed out. */
  async settle(index: number, input: RequestInput, line?: number): Promise<void> {
    if (!this.claim(index)) return;
    const result = Object.assign(await this.#fetcher.fetch(input), { index }, line === undefined ? {} : { line });
    await this.write([this.#row(result)]);
  }

  /** Resolves once everything written so far is safe from a loss of power. */
  async sync(): Promise<void> {
    await this.#output!.sync();
  }

  async close(): Promise<void> {
    await this.#fetcher.close();
    await this.#output?.close();
  }
}
