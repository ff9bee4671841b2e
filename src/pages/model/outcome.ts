import type { ResultRecord } from '../../http/record.ts';

/** What became of a request, in one word. */
export type Verdict = (typeof verdicts)[number];

/** All of them: the good first. Their positions stand for them in the page's data. */
export const verdicts = ['ok', 'notOk', 'failed', 'cancelled'] as const;

/** How they are told to a person: never by a colour alone. */
export const verdictSigns: Readonly<Record<Verdict, { readonly name: string; readonly sign: string }>> = {
  ok: { name: 'ok', sign: '●' },
  notOk: { name: 'not ok', sign: '◆' },
  failed: { name: 'failed', sign: '✕' },
  cancelled: { name: 'cancelled', sign: '○' },
};

/** A number for each of them. */
export type VerdictCounts = Record<Verdict, number>;

/** Nothing yet. */
export function noVerdicts(): VerdictCounts {
  return { ok: 0, notOk: 0, failed: 0, cancelled: 0 };
}

/** All of them together. */
export function sumOf({ ok, notOk, failed, cancelled }: VerdictCounts): number {
  return ok + notOk + failed + cancelled;
}

/** Of a record. */
export function verdictOf(record: ResultRecord): Verdict {
  switch (record.kind) {
    case 'response':
      return record.ok ? 'ok' : 'notOk';
    case 'failure':
      return 'failed';
    case 'cancelled':
      return 'cancelled';
    default:
      return record satisfies never;
  }
}

/** The status of a response, else the code of the error. */
export function labelOf(record: ResultRecord): string {
  return record.kind === 'response' ? String(record.status) : record.error.code;
}
