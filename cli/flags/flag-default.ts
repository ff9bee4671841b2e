import type { ResolvedOptions } from '../../src/fetcher/options.ts';
import type { DescribedFlag } from './flag-table.ts';

/** Returns the default of a flag as a user would write it (`30s`, `50MB`, `none`); undefined if it has none. */
export function defaultOf(flag: DescribedFlag, options: ResolvedOptions): string | undefined {
  if (flag.byDefault !== undefined) return flag.byDefault;
  if (flag.option === undefined || flag.value === undefined) return undefined;
  if (flag.option === 'expect') return rangesOf(options.isExpected);
  const value = flag.option
    .split('.')
    .reduce<unknown>((outer, name) => (outer as Record<string, unknown>)[name], options);
  if (typeof value !== 'number') return undefined;
  if (value === Infinity) return 'none';
  return flag.value === 'TIME' ? time(value) : flag.value === 'SIZE' ? size(value) : String(value);
}

function time(milliseconds: number): string {
  return milliseconds % 1000 === 0 ? `${milliseconds / 1000}s` : `${milliseconds}ms`;
}

function size(bytes: number): string {
  return bytes % 1e6 === 0 ? `${bytes / 1e6}MB` : `${bytes}B`;
}

/** Lists the accepted statuses as ranges: `200-399,404`. */
function rangesOf(isExpected: (status: number) => boolean): string {
  const ranges: string[] = [];
  for (let first = minStatus; first <= maxStatus; first += 1) {
    if (!isExpected(first)) continue;
    let last = first;
    while (last < maxStatus && isExpected(last + 1)) last += 1;
    ranges.push(first === last ? String(first) : `${first}-${last}`);
    first = last;
  }
  return ranges.join(',');
}

const minStatus = 100;
const maxStatus = 599;
