import type { ExpectOptions } from '../../src/fetcher/options.ts';
import { defaultStatuses } from '../../src/http/status-list.ts';
import { parseTypeList } from '../../src/http/expectations.ts';
import type { Expected } from '../../src/outputs/formats/reason.ts';
import { withoutUndefined } from '../flags/given.ts';
import type { Flags } from '../flags/flags.ts';
import * as unit from '../flags/units.ts';
import { UsageError } from '../flags/usage-error.ts';
import type { FetchFlag } from './fetch-flags.ts';

/** Reads what is expected of responses; a list of statuses if that is all, and undefined if there is nothing. Throws a {@link UsageError}. */
export function readExpect(flags: Flags<FetchFlag>): string | ExpectOptions | undefined {
  const statuses = flags.read('expect', unit.statuses);
  const others = withoutUndefined({
    type: flags.read('expect-type', types),
    body: flags.read('expect-body', pattern),
    withinMs: flags.read('max-time', unit.duration('2s')),
  });
  if (others.withinMs === 0) throw new UsageError('--max-time must be more than 0');
  if (Object.keys(others).length === 0) return statuses;
  if (others.body !== undefined && flags.read('method', unit.method) === 'HEAD')
    throw new UsageError('--expect-body needs bodies, and responses to HEAD have none');
  return { ...others, ...withoutUndefined({ statuses }) };
}

/** Returns what messages say about it. */
export function expectedWords(expect: string | ExpectOptions = defaultStatuses): Expected {
  if (typeof expect !== 'object') return { statuses: expect };
  const { type, body, withinMs } = expect;
  const list = typeof expect.statuses === 'string' ? expect.statuses : defaultStatuses;
  return withoutUndefined({ statuses: list, type, body: body?.source, withinMs });
}

const types: unit.Unit<string> = {
  parse: (text) => (parseTypeList(text) ? text : undefined),
  wanted: 'a list of media types',
  example: 'text/html,image/*',
};

const pattern: unit.Unit<RegExp> = {
  parse(text) {
    try {
      return text === '' ? undefined : new RegExp(text);
    } catch {
      return undefined;
    }
  },
  wanted: 'a regular expression',
  example: `'<title>.*Shop'`,
};
