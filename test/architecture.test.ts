import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

interface Import {
  readonly from: string;
  readonly to: string;
}

const files = ['src', 'cli'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(folder, file)),
);

const imports: readonly Import[] = files.flatMap((from) => {
  const text = readFileSync(join(root, from), 'utf8');
  const specifiers = text.matchAll(/(?:from|import|import\()\s*'([^']+)'/g);
  return Array.from(specifiers, ([, specifier = '']) => ({
    from,
    to: specifier.startsWith('.') ? relative(root, join(root, dirname(from), specifier)) : specifier,
  }));
});

const isIn = (file: string, room: string): boolean => file === room || file.startsWith(`${room}/`);

/** From the ground up. A file imports from its own floor or below; rooms on one floor do not know each other. */
const floors: readonly (readonly string[])[] = [
  ['src/version.ts', 'src/supported-node.ts', 'src/text', 'src/collections'],
  ['src/check.ts'],
  ['src/http', 'src/async'],
  ['src/call', 'src/stats', 'src/inputs'],
  ['src/scheduling', 'src/transports', 'src/outputs', 'src/pages'],
  ['src/policies', 'src/journal'],
  ['src/fetcher'],
  ['src/distributed'],
  [
    'src/index.ts',
    'src/records.ts',
    'src/formats.ts',
    'src/stats.ts',
    'src/bodies.ts',
    'src/cookies.ts',
    'src/distributed.ts',
  ],
  ['cli/commands.ts', 'cli/exit-code.ts', 'cli/process', 'cli/server', 'cli/flags'],
  ['cli/rows', 'cli/queue'],
  ['cli/fetch', 'cli/report', 'cli/diff', 'cli/bench', 'cli/demo', 'cli/serve', 'cli/worker', 'cli/status'],
  ['cli/completion'],
  ['cli/main.ts', 'cli/start.ts', 'cli/bin.ts'],
];

const rooms = floors.flat();
const roomOf = (file: string): string | undefined => rooms.find((room) => isIn(file, room));
const floorOf = (file: string): number => floors.findIndex((floor) => floor.some((room) => isIn(file, room)));

test('every file belongs to a room', () => {
  expect(files.filter((file) => roomOf(file) === undefined)).toEqual([]);
});

test('every room exists', () => {
  expect(rooms.filter((room) => !files.some((file) => isIn(file, room)))).toEqual([]);
});

test('imports point down only, and src imports nothing outside src', () => {
  const inside = imports.filter(({ to }) => /^(src|cli|bench|test|scripts|examples|\.\.)(\/|$)/.test(to));
  expect(inside.filter(({ from, to }) => floorOf(to) < 0 || floorOf(to) > floorOf(from))).toEqual([]);
});

test('rooms on one floor do not know each other', () => {
  const across = imports.filter(
    ({ from, to }) => floorOf(from) === floorOf(to) && roomOf(from) !== roomOf(to) && floorOf(from) < floors.length - 1,
  );
  expect(across).toEqual([]);
});

test('in transports, http2 builds on http1, http1 on response, response on connect', () => {
  const order = ['connect', 'response', 'http1', 'http2'].map((room) => `src/transports/${room}`);
  const depth = (file: string): number => order.findIndex((room) => isIn(file, room));
  const upward = imports.filter(({ from, to }) => depth(from) >= 0 && depth(to) > depth(from));
  expect(upward).toEqual([]);
});

test('what runs requests and what reports on them do not know each other', () => {
  const running = ['policies', 'transports', 'async', 'scheduling', 'call', 'fetcher'].map((room) => `src/${room}`);
  const reporting = ['inputs', 'outputs', 'pages', 'journal', 'stats'].map((room) => `src/${room}`);
  const isOf = (file: string, half: readonly string[]): boolean => half.some((room) => isIn(file, room));
  // download() saves a body without a program in between.
  const across = imports.filter(
    ({ from, to }) =>
      (isOf(from, running) && isOf(to, reporting) && to !== 'src/outputs/bodies/save-as.ts') ||
      (isOf(from, reporting) && isOf(to, running) && !isIn(to, 'src/async')),
  );
  expect(across).toEqual([]);
});

test('only the policy that settles, the fetcher, and the intake of a stopped run make results', () => {
  const users = imports.filter(({ to }) => to === 'src/call/results.ts').map(({ from }) => from);
  const makers = ['src/policies/settle.ts', 'src/policies/around.ts', 'cli/fetch/intake.ts'];
  expect(users.filter((file) => !isIn(file, 'src/fetcher') && !makers.includes(file))).toEqual([]);
});

test.for([
  ['undici', /^src\/transports\/http1\/llhttp\.ts$/],
  ['p-retry', /^src\/policies\/retry\.ts$/],
  ['p-limit', /^src\/async\/as-completed\.ts$/],
  ['yargs', /^cli\/flags\/flags\.ts$/],
  ['csv-stringify', /^src\/outputs\/formats\/csv\.ts$/],
  ['string-width', /^src\/text\/width\.ts$/],
  ['ioredis', /^src\/distributed\/redis\//],
  ['tough-cookie', /^src\/outputs\/cookies\/tough-jar\.ts$/],
  ['robots-parser', /^src\/http\/robots-txt\.ts$/],
  ['htmlparser2', /^src\/inputs\/sitemaps\/sitemap-document\.ts$/],
  ['node:perf_hooks', /^src\/stats\/stats\.ts$/],
] as const)('only one place knows %s', ([dependency, place]) => {
  const users = imports
    .filter(({ to }) => to === dependency || to.startsWith(`${dependency}/`))
    .map(({ from }) => from);
  expect(users).not.toEqual([]);
  expect(users.filter((file) => !place.test(file))).toEqual([]);
});
