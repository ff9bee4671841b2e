import type { ResultRecord } from '../../http/record.ts';
import { Heap } from '../../collections/heap.ts';
import { labelOf } from './outcome.ts';
import type { Row } from './row.ts';

/** How many requests the table shows. */
export interface NotableBounds {
  readonly slowest: number;
  /** Of those that are not ok, with one status or code: so that a flood of one kind does not hide the others. */
  readonly ofEachLabel: number;
  /** Of those that are not ok, in all. */
  readonly notOk: number;
}

/** The requests worth a look: the slowest, and those that are not ok. */
export class Notable {
  readonly #bounds: NotableBounds;
  readonly #slowest = new Heap<Row>();
  readonly #notOk: Row[] = [];
  readonly #ofLabel = new Map<string, number>();
  /** How many were not ok, shown or not. */
  notOkCount = 0;

  constructor(bounds: NotableBounds) {
    this.#bounds = bounds;
  }

  /** @param make makes the row, if it is wanted */
  offer(record: ResultRecord, make: () => Row): void {
    const isWanted = this.#wants(record);
    const isSlow = record.kind !== 'cancelled' && record.attempts > 0 && this.#isAmongSlowest(record.elapsedMs);
    if (!isWanted && !isSlow) return;
    const row = make();
    if (isWanted) this.#notOk.push(row);
    if (!isSlow) return;
    this.#slowest.push(record.elapsedMs, row);
    if (this.#slowest.size > this.#bounds.slowest) this.#slowest.pop();
  }

  /** Takes all of them out, each once, the slowest first. */
  take(): { readonly rows: Row[]; readonly slowest: number; readonly notOk: number } {
    const slowest: Row[] = [];
    for (let row = this.#slowest.pop(); row !== undefined; row = this.#slowest.pop()) slowest.push(row);
    const rows = [...new Set([...slowest, ...this.#notOk])];
    rows.sort((one, other) => other.elapsedMs - one.elapsedMs || one.index - other.index);
    return { rows, slowest: slowest.length, notOk: this.#notOk.length };
  }

  #isAmongSlowest(elapsedMs: number): boolean {
    return this.#slowest.size < this.#bounds.slowest || elapsedMs > this.#slowest.earliest;
  }

  #wants(record: ResultRecord): boolean {
    if (record.ok) return false;
    this.notOkCount += 1;
    if (this.#notOk.length >= this.#bounds.notOk) return false;
    const label = labelOf(record);
    const ofLabel = this.#ofLabel.get(label) ?? 0;
    if (ofLabel >= this.#bounds.ofEachLabel) return false;
    this.#ofLabel.set(label, ofLabel + 1);
    return true;
  }
}
