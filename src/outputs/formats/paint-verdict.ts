import { styleText } from 'node:util';
import { verdictOf, type FetchResult, type Verdict } from '../../http/result.ts';

/** Colours a text by the verdict on a result. */
export function paintVerdict(result: Pick<FetchResult, 'kind' | 'ok'>, text: string): string {
  return styleText(colors[verdictOf(result)], text, { validateStream: false });
}

const colors = { ok: 'green', unexpected: 'yellow', failed: 'red', cancelled: 'gray' } as const satisfies Record<
  Verdict,
  string
>;
