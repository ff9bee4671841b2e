import { styleText } from 'node:util';
import type { FetchResult } from '../../http/result.ts';

/** What decides the colour of an outcome. */
type Outcome = Pick<FetchResult, 'kind' | 'ok'>;

/** A text in the colour of an outcome: green is ok, yellow an unexpected status, red a failure, gray what was cut off. */
export function paintVerdict(outcome: Outcome, text: string): string {
  return styleText(colorOf(outcome), text, { validateStream: false });
}

function colorOf({ kind, ok }: Outcome): 'green' | 'yellow' | 'red' | 'gray' {
  if (kind === 'cancelled') return 'gray';
  if (kind === 'failure') return 'red';
  return ok ? 'green' : 'yellow';
}
