import { formatDuration } from '../../text/quantity.ts';
import type { Timings } from '../../http/result.ts';

/** Lists the known phases of a request: `connect 3.0 ms, first byte 87 ms`. */
export function phasesText(timings: Timings): string {
  return names
    .filter(([phase]) => (timings[phase] ?? 0) >= minMs)
    .map(([phase, name]) => `${name} ${formatDuration(timings[phase]!)}`)
    .join(', ');
}

/** Shorter phases would read as 0.0 ms. */
const minMs = 0.05;

const names: readonly (readonly [keyof Timings, string])[] = [
  ['queue', 'queue'],
  ['dns', 'DNS'],
  ['connect', 'connect'],
  ['proxy', 'proxy'],
  ['tls', 'TLS'],
  ['firstByte', 'first byte'],
  ['download', 'body'],
];
