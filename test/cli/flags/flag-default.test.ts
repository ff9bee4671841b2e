import { expect, test } from 'vitest';
import { fetchFlags } from '../../../cli/fetch/fetch-flags.ts';
import { defaultOf } from '../../../cli/flags/flag-default.ts';
import { wordsOf, type DescribedFlag } from '../../../cli/flags/flag-table.ts';
import { planOf } from '../../helpers/plan-of.ts';
import { fsyncPolicies } from '../../../src/journal/appender.ts';
import { resolveOptions, type FetcherOptions } from '../../../src/fetcher/options.ts';

const of = (flag: DescribedFlag, options?: FetcherOptions) => defaultOf(flag, resolveOptions(options));

test("defaultOf() returns the library's default as a user would write it", () => {
  const defaults = Object.entries<DescribedFlag>(fetchFlags).map(([name, flag]) => [name, of(flag)]);
  expect(Object.fromEntries(defaults.filter(([, text]) => text !== undefined))).toEqual({
    'input-charset': 'utf-8',
    'default-scheme': 'https',
    'id-column': 'id',
    keep: 'all',
    seed: 'random',
    skip: '0',
    limit: 'none',
    mode: 'as-completed',
    'read-ahead': '20000',
    method: 'GET',
    'max-redirects': '10',
    'max-body': 'none, 10GB with --save',
    expect: '200-399',
    proxy: 'http_proxy, https_proxy, all_proxy and no_proxy of the environment',
    noproxy: 'no_proxy of the environment',
    'dns-servers': "the system's",
    concurrency: '50',
    'per-host': '6',
    rate: 'none',
    'host-rate': 'none',
    'max-wait': '60s',
    delay: '0',
    timeout: '30s',
    'connect-timeout': '10s',
    'headers-timeout': 'none, 30s with --save',
    'idle-timeout': 'none, 30s with --save',
    'url-deadline': 'none',
    deadline: 'none',
    retries: '2',
    'retry-methods': 'the idempotent ones',
    'retry-statuses': '408,425,429,500,502-504,520-524',
    'retry-delay': '200ms',
    'retry-max-delay': '20s',
    'host-patience': '60s',
    'max-errors': 'none',
    format: 'table on a terminal, else text',
    lease: '30s',
    name: 'fetchmany',
    output: 'stdout',
    fsync: 'second',
    'save-as': '{host}/{path}',
    'save-existing': 'replace',
    'save-statuses': 'those that are ok',
    'include-body': 'auto',
    'body-limit': '1MB',
    'warc-max-size': '1GB',
    progress: 'auto',
    summary: 'text',
  });
});

test('defaultOf() follows the options', () => {
  expect(of(fetchFlags.concurrency, { concurrency: 7 })).toBe('7');
  expect(of(fetchFlags.timeout, { timeoutMs: 1500 })).toBe('1500ms');
  expect(of({ value: 'SIZE', group: '', what: '', option: 'maxBodyBytes' }, { maxBodyBytes: 1024 })).toBe('1024B');
  expect(of(fetchFlags.expect, { expect: '200-203,404' })).toBe('200-203,404');
  expect(of(fetchFlags.rate, { rate: 3 })).toBe('3');
});

test('a flag that sets no option has the default of the plan', () => {
  const plan = planOf(['http://a/']);
  expect(plan).toMatchObject({
    mode: fetchFlags.mode.byDefault,
    // Here there is no terminal.
    format: 'text',
    fsync: fetchFlags.fsync.byDefault,
    // The help says 'stdout', 'none' and '0' for these.
    output: undefined,
    deadlineMs: undefined,
    maxErrors: undefined,
    intervalMs: undefined,
    request: undefined,
  });
});

/** A value for each placeholder but FILE, which the TLS flags have. */
const examples: Readonly<Record<string, string>> = {
  N: '7',
  'N/s': '7/s',
  TIME: '7s',
  SIZE: '7KB',
  LIST: '201',
  "'NAME: V'": 'x-a: b',
};

test.each(
  Object.entries<DescribedFlag>(fetchFlags).filter(([, { option, value }]) => option !== undefined && value !== 'FILE'),
)('--%s sets its option', (name, { value, option }) => {
  const plan = planOf(value === undefined ? [`--${name}`] : [`--${name}`, examples[value]!]);
  const { fetcher } = planOf([]);
  const at = (options: FetcherOptions): unknown =>
    option!
      .split('.')
      .reduce<unknown>((outer, part) => (outer as Record<string, unknown> | undefined)?.[part], options);
  expect(at(plan.fetcher)).not.toEqual(at(fetcher));
});

test('--fsync accepts the policies of a journal', () => {
  expect(wordsOf(fetchFlags.fsync)).toEqual([...fsyncPolicies]);
});
