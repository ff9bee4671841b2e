import { formatDuration } from '../../text/quantity.ts';
import type { Timings } from '../../http/result.ts';

/** Where the time of a request went, as far as it is known: `connect 3.0 ms, first byte 87 ms`. */
export function phasesText(timings: Timings): string {
  return names
    .filter(([phase]) => (timings[phase] ?? 0) >= minMs)
    .map(([phase, name]) => `${name} ${formatDuration(timings[phase]!)}`)
    .join(', ');
}

/** Less would read as 0.0 ms, which says nothing. */
const minMs = 0.05;

const names: readonly (readonly [keyof Timings, string])[] = [
  ['queue', 'queue'],
  ['dns', 'DNS'],
  ['connect', 'connect'],
  ['tls', 'TLS'],
  ['firstByte', 'first byte'],
  ['download', 'body'],
];
