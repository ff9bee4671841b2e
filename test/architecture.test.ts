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
  const specifiers = text.matchAll(/(?:from|import\()\s*'([^']+)'/g);
  return Array.from(specifiers, ([, specifier = '']) => ({
    from,
    to: specifier.startsWith('.') ? relative(root, join(root, dirname(from), specifier)) : specifier,
  }));
});

/** From the ground up. A file may import what stands on its own floor or below. */
const floors: readonly (readonly RegExp[])[] = [
  [
    /^src\/(error|result|check|expect|version|job|on-abort|pem|printable|heap|heaviest|host-of|host-stats|fifo|linked-list|time-limit|rate|backoff|http-date)\.ts$/,
  ],
  [
    /^src\/(headers|request|literal-get|waiting-urls|flight|outcome|send|redirection|retry-after|host-queue|limits|load|admission|codec)\.ts$/,
    /^src\/decoding\//,
  ],
  [/^src\/(options|gate|lane|concurrency-control|makers)\.ts$/],
  [/^src\/(policies|transports|modes|tasks|inputs|outputs|journal|progress)\//, /^src\/(sink|stats|bounds)\.ts$/],
  [/^src\/(fetcher|fetch-work|single)\.ts$/],
  [/^src\/index\.ts$/],
  [/^cli\//],
];

const floorOf = (file: string): number =>
  floors.findIndex((patterns) => patterns.some((pattern) => pattern.test(file)));

test('every file stands on a floor', () => {
  expect(files.filter((file) => floorOf(file) < 0)).toEqual([]);
});

test('imports point down only', () => {
  const upward = imports.filter(({ from, to }) => floorOf(to) > floorOf(from));
  expect(upward).toEqual([]);
});

test('the running half and the telling half do not know each other', () => {
  const running = /^src\/(policies|transports|modes|tasks)\/|^src\/(gate|lane|fetcher|fetch-work|single)\.ts$/;
  const telling = /^src\/(inputs|outputs|journal|progress)\/|^src\/(sink|stats|bounds|host-stats)\.ts$/;
  const across = imports.filter(
    ({ from, to }) => (running.test(from) && telling.test(to)) || (telling.test(from) && running.test(to)),
  );
  expect(across).toEqual([]);
});

test.for([
  ['undici', /^src\/transports\/undici\//],
  ['p-retry', /^src\/policies\/retry\.ts$/],
  ['p-limit', /^src\/modes\/as-completed\.ts$/],
  ['yargs', /^cli\/flags\.ts$/],
  ['csv-stringify', /^src\/outputs\/csv\.ts$/],
  ['string-width', /^src\/outputs\/shorten\.ts$/],
  ['hdr-histogram-js', /^src\/stats\.ts$/],
] as const)('only one place knows %s', ([dependency, place]) => {
  const users = imports
    .filter(({ to }) => to === dependency || to.startsWith(`${dependency}/`))
    .map(({ from }) => from);
  expect(users).not.toEqual([]);
  expect(users.filter((file) => !place.test(file))).toEqual([]);
});
