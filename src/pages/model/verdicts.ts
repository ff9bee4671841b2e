import type { ResultRecord } from '../../http/record.ts';
import type { Verdict } from '../../http/result.ts';

/** Every verdict, best first. The data of a page refers to verdicts by their positions here. */
export const verdicts: readonly Verdict[] = ['ok', 'unexpected', 'failed', 'cancelled'];

/** Name and sign of each verdict. The sign tells verdicts apart without colour. */
export const verdictSigns: Readonly<Record<Verdict, { readonly name: string; readonly sign: string }>> = {
  ok: { name: 'ok', sign: '●' },
  unexpected: { name: 'bad status', sign: '◆' },
  failed: { name: 'failed', sign: '✕' },
  cancelled: { name: 'cancelled', sign: '○' },
};

/** Number of results by verdict. */
export type VerdictCounts = Record<Verdict, number>;

/** Creates counts of zero. */
export function noVerdicts(): VerdictCounts {
  return { ok: 0, unexpected: 0, failed: 0, cancelled: 0 };
}

/** Adds the counts of all verdicts. */
export function sumOf({ ok, unexpected, failed, cancelled }: VerdictCounts): number {
  return ok + unexpected + failed + cancelled;
}

/** Returns the status of a response, or the error code of any other record. */
export function labelOf(record: ResultRecord): string {
  return record.kind === 'response' ? String(record.status) : record.error.code;
}
