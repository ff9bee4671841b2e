import type { Broker, OutEntry } from './broker.ts';
import type { OutstandingChunks } from './outstanding-chunks.ts';
import { pause, persist } from './persist.ts';
import type { RunRecords } from './run-records.ts';
import { decompress } from './wire.ts';

/** The parts of a {@link Collector}. */
export interface CollectorParts {
  readonly broker: Broker;
  readonly records: RunRecords;
  readonly chunks: OutstandingChunks;
}

/** Reads what the workers hand over, in its order: writes records, takes chunks back; removes it once it is on disk. */
export class Collector {
  readonly #parts: CollectorParts;
  /** The last entry that was read and written. */
  #readId = '0';
  #trimmedId = '0';
  /** What the workers handed over is to be read from its beginning. */
  #isRewound = false;

  constructor(parts: CollectorParts) {
    this.#parts = parts;
  }

  /** Begins again with the oldest entry: another server has other entries. */
  rewind(): void {
    this.#isRewound = true;
  }

  /** Takes what the workers have handed over so far. */
  async drain(signal: AbortSignal): Promise<void> {
    for (;;) {
      const entries = await persist(() => this.#parts.broker.read(this.#readId, 1), signal);
      if (entries.length === 0) return;
      for (const entry of entries) await this.#handle(entry);
    }
  }

  /** Takes what the workers hand over, until the run is over. Rejects if it cannot be written. */
  async collect(isOver: () => boolean, signal: AbortSignal): Promise<void> {
    while (!isOver()) {
      let entries: OutEntry[];
      if (this.#isRewound) this.#readId = '0';
      this.#isRewound = false;
      try {
        entries = await this.#parts.broker.read(this.#readId, readWaitMs);
      } catch {
        await pause(readWaitMs, signal);
        continue;
      }
      for (const entry of entries) await this.#handle(entry);
    }
  }

  /** Syncs what was written, and removes it from the broker. Rejects if it cannot be synced. */
  async sync(): Promise<void> {
    const id = this.#readId;
    if (id === this.#trimmedId) return;
    await this.#parts.records.sync();
    try {
      await this.#parts.broker.trim(id);
      this.#trimmedId = id;
    } catch {
      // The next one removes it too.
    }
  }

  async #handle(entry: OutEntry): Promise<void> {
    if (entry.kind === 'records') await this.#takeRecords(entry);
    else await this.#parts.chunks.takeBack(entry.chunk, entry.completion);
    this.#readId = entry.id;
  }

  async #takeRecords({ payload, chunks }: Extract<OutEntry, { kind: 'records' }>): Promise<void> {
    const { records, chunks: out } = this.#parts;
    const text = decompress(payload);
    const accepted: string[] = [];
    let from = 0;
    for (const { id, count } of chunks) {
      for (let number = 0; number < count; number += 1) {
        const end = text.indexOf('\n', from) + 1;
        const line = text.slice(from, end);
        from = end;
        if (!records.claim(Number.parseInt(line.slice(indexStart), 10))) continue;
        accepted.push(line);
        out.noteRecord(id);
      }
    }
    await records.write(accepted);
  }
}

/** The start of a record, up to its index. */
const indexStart = '{"index":'.length;
const readWaitMs = 200;
