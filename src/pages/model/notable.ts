import type { ResultRecord } from '../../http/record.ts';
import { Heap } from '../../collections/heap.ts';
import type { Row } from './row.ts';
import { labelOf } from './verdicts.ts';

/** Limits on the rows of the request table. */
export interface NotableBounds {
  /** Number of the slowest requests. */
  readonly slowest: number;
  /** Number of requests that are not ok per status or error code, so that a flood of one kind does not hide others. */
  readonly perLabel: number;
  /** Number of requests that are not ok in all. */
  readonly notOk: number;
}

/** Collects the requests worth a look: the slowest, and those that are not ok. */
export class Notable {
  readonly #bounds: NotableBounds;
  readonly #slowest = new Heap<Row>();
  readonly #notOk: Row[] = [];
  readonly #countByLabel = new Map<string, number>();
  /** Number of requests that are not ok, shown or not. */
  notOkCount = 0;

  constructor(bounds: NotableBounds) {
    this.#bounds = bounds;
  }

  /** @param make creates the row; called only if it is kept */
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

  /** Removes and returns all rows, each once, slowest first. */
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
    const countOfLabel = this.#countByLabel.get(label) ?? 0;
    if (countOfLabel >= this.#bounds.perLabel) return false;
    this.#countByLabel.set(label, countOfLabel + 1);
    return true;
  }
}
