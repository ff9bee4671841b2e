import { statSync } from 'node:fs';
import type { ResultRecord } from '../../src/http/record.ts';
import { InputError } from '../../src/inputs/input-error.ts';
import { openInput, readBytes, type Input } from '../../src/inputs/open-lists.ts';
import { readRecords } from '../../src/inputs/records.ts';
import { SupersededRecords } from '../../src/journal/superseded.ts';

/**
 * The records of recorded runs, file by file, each input's last one. A file that can be read twice is: once to see what a
 * resumed run took up again, in little memory. Where one breaks off, the records end: what came before still counts.
 */
export class RecordFiles implements AsyncIterable<ResultRecord> {
  readonly #files: readonly Input[];
  readonly #torn: (file: string, line: number) => void;
  #read = 0;
  #superseded = 0;
  #doubled = 0;
  #failure: InputError | undefined;

  /**
   * Opens all files at once, so that a wrong name is told before anything else. Throws an {@link InputError}.
   *
   * @param torn takes the number of a torn last line, which is left out
   */
  constructor(names: readonly string[], torn: (file: string, line: number) => void) {
    this.#files = names.map((name) => ({ name, stream: openInput(name, wanted) }));
    this.#torn = torn;
  }

  /** How many records have been handed on. */
  get read(): number {
    return this.#read;
  }

  /** How many were left out, as a later one counts in their place. */
  get superseded(): number {
    return this.#superseded;
  }

  /** How many should have been, but were not: the input could be read only once. */
  get doubled(): number {
    return this.#doubled;
  }

  /** Why a file broke off. */
  get failure(): InputError | undefined {
    return this.#failure;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<ResultRecord, void, undefined> {
    try {
      for (const file of this.#files) yield* canBeReadTwice(file) ? this.#lastOnes(file) : this.#all(file);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      this.#failure = error;
    } finally {
      for (const { stream } of this.#files) stream.destroy();
    }
  }

  async *#lastOnes(file: Input): AsyncGenerator<ResultRecord, void, undefined> {
    const supersession = await survey(file.name);
    for await (const record of this.#records(file)) {
      if (supersession.isSuperseded(record)) {
        this.#superseded += 1;
        continue;
      }
      this.#read += 1;
      yield record;
    }
  }

  async *#all(file: Input): AsyncGenerator<ResultRecord, void, undefined> {
    const supersession = new SupersededRecords();
    for await (const record of this.#records(file)) {
      supersession.note(record);
      this.#read += 1;
      yield record;
    }
    this.#doubled += supersession.superseded;
  }

  #records(file: Input): AsyncIterable<ResultRecord> {
    return readRecords(readBytes(file), file.name, (line) => this.#torn(file.name, line));
  }
}

const wanted = 'a file of records';

function canBeReadTwice({ name }: Input): boolean {
  return name !== '-' && statSync(name, { throwIfNoEntry: false })?.isFile() === true;
}

/** Reads a file ahead. What is wrong with it is told when it is read again. */
async function survey(name: string): Promise<SupersededRecords> {
  const supersession = new SupersededRecords();
  const stream = openInput(name, wanted);
  try {
    for await (const record of readRecords(readBytes({ name, stream }), name, () => {})) supersession.note(record);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
  } finally {
    stream.destroy();
  }
  return supersession;
}
