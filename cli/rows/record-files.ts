import { statSync } from 'node:fs';
import type { ResultRecord } from '../../src/http/record.ts';
import { InputError } from '../../src/inputs/input-error.ts';
import { openInput, readBytes, type Input } from '../../src/inputs/open-input.ts';
import { readRecords } from '../../src/inputs/records.ts';
import { SupersededRecords } from '../../src/journal/superseded.ts';

/**
 * The records of one or more files, without those that a later record of the same request replaces. To find these in
 * little memory, files that can be read twice are. Reading stops at the first error; the records before it still count.
 */
export class RecordFiles implements AsyncIterable<ResultRecord> {
  readonly #files: readonly Input[];
  readonly #incomplete: (file: string, line: number) => void;
  #read = 0;
  #superseded = 0;
  #doubled = 0;
  #failure: InputError | undefined;

  /**
   * Opens all files, so that a wrong name is reported first. Throws an {@link InputError}.
   *
   * @param incomplete receives the number of an incomplete last line, which is skipped
   */
  constructor(names: readonly string[], incomplete: (file: string, line: number) => void) {
    this.#files = names.map((name) => ({ name, stream: openInput(name, wanted) }));
    this.#incomplete = incomplete;
  }

  /** Number of records passed on. */
  get read(): number {
    return this.#read;
  }

  /** Number of records left out because a later one replaces them. */
  get superseded(): number {
    return this.#superseded;
  }

  /** Number of records that a later one replaces, but that were passed on: the input can be read only once. */
  get doubled(): number {
    return this.#doubled;
  }

  /** The error that ended reading. */
  get failure(): InputError | undefined {
    return this.#failure;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<ResultRecord, void, undefined> {
    try {
      for (const file of this.#files) yield* canBeReadTwice(file) ? this.#latest(file) : this.#all(file);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      this.#failure = error;
    } finally {
      for (const { stream } of this.#files) stream.destroy();
    }
  }

  async *#latest(file: Input): AsyncGenerator<ResultRecord, void, undefined> {
    const replaced = await survey(file.name);
    for await (const record of this.#records(file)) {
      if (replaced.isSuperseded(record)) {
        this.#superseded += 1;
        continue;
      }
      this.#read += 1;
      yield record;
    }
  }

  async *#all(file: Input): AsyncGenerator<ResultRecord, void, undefined> {
    const replaced = new SupersededRecords();
    for await (const record of this.#records(file)) {
      replaced.note(record);
      this.#read += 1;
      yield record;
    }
    this.#doubled += replaced.superseded;
  }

  #records(file: Input): AsyncIterable<ResultRecord> {
    return readRecords(readBytes(file), file.name, (line) => this.#incomplete(file.name, line));
  }
}

const wanted = 'a file of records';

function canBeReadTwice({ name }: Input): boolean {
  return name !== '-' && statSync(name, { throwIfNoEntry: false })?.isFile() === true;
}

/** Reads a file for the first time. Errors are left to the second time. */
async function survey(name: string): Promise<SupersededRecords> {
  const replaced = new SupersededRecords();
  const stream = openInput(name, wanted);
  try {
    for await (const record of readRecords(readBytes({ name, stream }), name, () => {})) replaced.note(record);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
  } finally {
    stream.destroy();
  }
  return replaced;
}
