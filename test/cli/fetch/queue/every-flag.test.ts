import { beforeAll, describe, expect, test } from 'vitest';
import { fetchFlags, type FetchFlag } from '../../../../cli/fetch/fetch-flags.ts';
import type { FetchPlan } from '../../../../cli/fetch/fetch-plan.ts';
import { planOf } from '../../../helpers/plan-of.ts';
import {
  packInput,
  packOptions,
  requirePlainOptions,
  unpackLine,
  unpackOptions,
} from '../../../../src/distributed/wire.ts';
import { resolveOptions, type FetcherOptions } from '../../../../src/fetcher/options.ts';
import type { RequestInput } from '../../../../src/http/request.ts';
import { issue, type Identity } from '../../../helpers/servers/authority.ts';
import { temporary } from '../../../helpers/temporary.ts';

const { file } = temporary('every-flag');

/**
 * What becomes of each flag where workers make the requests. A new flag has no entry here, and does not compile:
 *
 * - `travels`: an option of the workers' fetchers
 * - `request`: goes into each request
 * - `here`: for the coordinator, or for this command
 * - `company`: needs another flag, which is refused
 * - `refused`
 */
type Fate = 'travels' | 'request' | 'here' | 'company' | 'refused';

const fates: Readonly<Record<FetchFlag, readonly [fate: Fate, ...args: readonly string[]]>> = {
  input: ['here'],
  'input-format': ['here'],
  'input-charset': ['here'],
  'default-scheme': ['here'],
  glob: ['here'],
  sitemap: ['here'],
  'url-column': ['here'],
  'id-column': ['here'],
  'url-template': ['here'],
  'body-template': ['here'],
  keep: ['here'],
  unique: ['here'],
  shuffle: ['here'],
  seed: ['here'],
  skip: ['here'],
  limit: ['here'],
  'allow-empty': ['here'],
  mode: ['refused', '--mode=gather'],
  'read-ahead': ['travels', '--read-ahead=7'],
  method: ['request', '--method=DELETE'],
  header: ['travels', '--header=x-one: 1'],
  data: ['request', '--data=a body'],
  'max-redirects': ['travels', '--max-redirects=3'],
  'max-body': ['travels', '--max-body=7MB'],
  expect: ['travels', '--expect=200,404'],
  'expect-type': ['travels', '--expect-type=text/*'],
  'expect-body': ['travels', '--expect-body=a/b.*"c"'],
  'max-time': ['travels', '--max-time=7s'],
  http2: ['travels', '--http2'],
  'block-private': ['travels', '--block-private'],
  insecure: ['travels', '--insecure'],
  cacert: ['travels', '--cacert=CERT'],
  cert: ['travels', '--cert=CERT', '--key=KEY'],
  key: ['travels', '--cert=CERT', '--key=KEY'],
  user: ['travels', '--user=me:secret'],
  bearer: ['travels', '--bearer=token'],
  'auth-for': ['travels', '--bearer=token', '--auth-for=https://b.test'],
  netrc: ['here'],
  'netrc-file': ['travels', '--netrc-file=NETRC'],
  cookie: ['travels', '--cookie=a=b'],
  'cookie-jar': ['refused', '--cookie-jar=jar.txt'],
  'user-agent': ['travels', '--user-agent=mine/1'],
  proxy: ['travels', '--proxy=socks5h://me:secret@proxy:1080'],
  noproxy: ['travels', '--noproxy=a.test'],
  'proxy-cacert': ['travels', '--proxy=https://proxy', '--proxy-cacert=CERT'],
  proxytunnel: ['travels', '--proxytunnel'],
  resolve: ['travels', '--resolve=a.test:443:127.0.0.1'],
  'connect-to': ['travels', '--connect-to=a.test:443:b.test:443'],
  'unix-socket': ['travels', '--unix-socket=/run/app.sock'],
  interface: ['travels', '--interface=127.0.0.1'],
  'dns-servers': ['travels', '--dns-servers=192.0.2.53'],
  ca: ['travels', '--ca=system'],
  concurrency: ['travels', '--concurrency=7'],
  'per-host': ['travels', '--per-host=7'],
  rate: ['refused', '--rate=7/s'],
  'host-rate': ['travels', '--host-rate=7/s'],
  'max-wait': ['travels', '--max-wait=2h'],
  'no-pace': ['travels', '--no-pace'],
  delay: ['company', '--delay=1s'],
  timeout: ['travels', '--timeout=0'],
  'connect-timeout': ['travels', '--connect-timeout=7s'],
  'headers-timeout': ['travels', '--headers-timeout=7s'],
  'idle-timeout': ['travels', '--idle-timeout=7s'],
  'url-deadline': ['travels', '--url-deadline=7s'],
  deadline: ['here'],
  retries: ['travels', '--retries=7'],
  'retry-methods': ['travels', '--retry-methods=GET,POST'],
  'retry-statuses': ['travels', '--retry-statuses=429,500-599'],
  'retry-delay': ['travels', '--retry-delay=7s'],
  'retry-max-delay': ['travels', '--retry-max-delay=7s'],
  'no-retry-budget': ['travels', '--no-retry-budget'],
  'host-patience': ['travels', '--host-patience=none'],
  robots: ['travels', '--robots'],
  'max-errors': ['here'],
  format: ['here'],
  jsonl: ['here'],
  output: ['here'],
  only: ['refused', '--only=ok'],
  junit: ['refused', '--junit=junit.xml'],
  overwrite: ['here'],
  resume: ['here'],
  'retry-failed': ['here'],
  fsync: ['here'],
  save: ['refused', '--save=pages'],
  'save-as': ['company', '--save-as={host}'],
  'save-existing': ['company', '--save-existing=skip'],
  'save-statuses': ['company', '--save-statuses=all'],
  'save-raw': ['company', '--save-raw'],
  'remote-time': ['company', '--remote-time'],
  verify: ['company', '--verify'],
  hash: ['refused', '--hash'],
  'include-body': ['refused', '--include-body'],
  'body-limit': ['company', '--body-limit=1MB'],
  'if-changed': ['refused', '--if-changed=old.jsonl'],
  warc: ['refused', '--warc=crawl.warc.gz'],
  'warc-max-size': ['company', '--warc-max-size=1GB'],
  'record-unstarted': ['refused', '--record-unstarted'],
  'include-headers': ['here'],
  queue: ['here'],
  name: ['here'],
  lease: ['here'],
  progress: ['here'],
  'no-progress': ['here'],
  summary: ['here'],
  quiet: ['here'],
  verbose: ['here'],
  'no-color': ['here'],
  help: ['here'],
  version: ['here'],
};

const files: Record<'CERT' | 'KEY' | 'NETRC', string> = { CERT: '', KEY: '', NETRC: '' };

beforeAll(async () => {
  const { cert, key }: Identity = await issue('127.0.0.1');
  files.CERT = file(cert, '.pem');
  files.KEY = file(key, '.pem');
  files.NETRC = file('machine a.test login me password secret\n', '.netrc');
});

function queuedPlan(args: readonly string[]): FetchPlan {
  const named = args.map((arg) =>
    arg.replace(/=(CERT|KEY|NETRC)$/, (_, name: keyof typeof files) => `=${files[name]}`),
  );
  return planOf(['-i', 'urls.txt', '-o', 'out.jsonl', '--queue', 'redis://queue', ...named], {});
}

function withFate(wanted: Fate): [FetchFlag, readonly string[]][] {
  return Object.entries(fates)
    .filter(([, [fate]]) => fate === wanted)
    .map(([flag, [, ...args]]) => [flag as FetchFlag, args]);
}

/** The options of a command line as a worker gets them. */
function received(args: readonly string[]): unknown {
  const { fetcher } = queuedPlan(args);
  requirePlainOptions(fetcher);
  const options = unpackOptions(packOptions(fetcher, firstOrigin));
  expect(() => resolveOptions(options)).not.toThrow();
  return comparable(options);
}

const firstOrigin = 'https://a.test';

/** Bytes are bytes, of whatever class; and a login is for the first origin unless it names others. */
function comparable(options: FetcherOptions): unknown {
  const { auth } = options;
  return plain({ ...options, ...(auth && { auth: { origins: [firstOrigin], ...auth } }) });
}

function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('latin1');
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null || value instanceof RegExp) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plain(inner)]));
}

describe('with --queue', () => {
  test('every flag has its fate', () => expect(Object.keys(fates).sort()).toEqual(Object.keys(fetchFlags).sort()));

  test.for(withFate('travels'))('--%s travels to the workers', ([flag, args]) => {
    const { fetcher } = queuedPlan(args);
    expect(received(args)).toEqual(comparable(fetcher));
    // It is the flag that makes the difference.
    const others = args.filter(
      (arg) => !arg.startsWith(`--${flag}=`) && arg !== `--${flag}` && !/^--(cert|key)=/.test(arg),
    );
    expect(received(args)).not.toEqual(received(others));
  });

  test.for(withFate('request'))('--%s goes into each request', ([, args]) => {
    const { request } = queuedPlan(args);
    const input = { url: 'https://a.test/', ...request } as RequestInput;
    expect(plain(unpackLine(packInput(0, input)!.line).input)).toEqual(plain(input));
    expect(Object.keys(request!).length).toBeGreaterThan(0);
  });

  test.for(withFate('refused'))('--%s is refused on one line', ([flag, args]) => {
    expect(() => queuedPlan(args)).toThrow(new RegExp(`^--${flag} and --queue cannot be combined: .+$`));
  });

  test.for(withFate('company'))('--%s needs a flag that is refused', ([, args]) => {
    expect(() => queuedPlan(args)).toThrow(/needs|works only with --mode sequential/);
  });

  test('a list in random order needs a seed, so that it can be continued', () => {
    expect(() => queuedPlan(['--shuffle'])).toThrow('--shuffle needs --seed with --queue');
    expect(queuedPlan(['--shuffle', '--seed=1']).lists.shuffle).toEqual({ seed: 1 });
  });
});
