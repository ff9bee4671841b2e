import { expect, test } from 'vitest';
import { Frontier } from '../../src/distributed/frontier.ts';

const lines = (count: number, from = 0): string[] => Array.from({ length: count }, (_, at) => `${from + at}\t\tu`);
const frontier = (intervalMs = 0, perSecond = 30): Frontier => new Frontier({ intervalMs, perSecond });
/** The hosts of a chunk with the number of their requests. */
const counted = (chunk: ReturnType<Frontier['next']>): string[] | undefined =>
  chunk?.map(({ key, lines: { length } }) => `${key}:${length}`);

test('a host is out in one chunk at most', () => {
  const hosts = frontier();
  hosts.offer('a', lines(3));
  expect(counted(hosts.next(1, 100))).toEqual(['a:3']);
  hosts.offer('a', lines(2, 3));
  expect(hosts.next(2, 100)).toBeUndefined();
  hosts.comeBack('a', 3);
  expect(counted(hosts.next(3, 100))).toEqual(['a:2']);
  expect(hosts.waiting).toBe(0);
});

test('a host that came back waits for one interval, and a paused one for its pause', () => {
  const hosts = frontier(100);
  hosts.offer('a', lines(1));
  hosts.next(1000, 100);
  hosts.offer('a', lines(1, 1));
  hosts.comeBack('a', 1000);
  expect(hosts.next(1099, 100)).toBeUndefined();
  expect(hosts.freeAt('a')).toBe(1100);
  hosts.pause('a', 1500);
  expect(hosts.next(1499, 100)).toBeUndefined();
  expect(counted(hosts.next(1500, 100))).toEqual(['a:1']);
});

test('hosts with the most requests go first, and small ones share a chunk', () => {
  const hosts = frontier();
  for (const [key, count] of [
    ['small', 2],
    ['tiny', 1],
    ['large', 200],
    ['less', 3],
  ] as const)
    hosts.offer(key, lines(count));
  expect(counted(hosts.next(1, 100))).toEqual(['large:200']);
  expect(counted(hosts.next(1, 100))).toEqual(['small:2', 'less:3', 'tiny:1']);
  expect(hosts.next(1, 100)).toBeUndefined();
});

test('a chunk of several hosts has no more requests than it should', () => {
  const hosts = frontier();
  for (let at = 0; at < 10; at += 1) hosts.offer(`h${at}`, lines(4));
  const sizes: number[] = [];
  for (let chunk = hosts.next(1, 12); chunk !== undefined; chunk = hosts.next(1, 12)) {
    sizes.push(chunk.reduce((sum, host) => sum + host.lines.length, 0));
  }
  expect(sizes).toEqual([12, 12, 12, 4]);
});

test.for([
  [undefined, 300],
  [1, 100],
  [200, 2000],
  [100_000, 20_000],
] as const)('a large host at %s a second goes out in chunks of %s', ([perSecond, size]) => {
  const hosts = frontier();
  hosts.takeOut('a');
  hosts.offer('a', lines(30_000));
  hosts.comeBack('a', 1, perSecond);
  expect(counted(hosts.next(1, 1000))).toEqual([`a:${size}`]);
  expect(hosts.waiting).toBe(30_000 - size);
});

test('a fixed chunk goes out as it is, once all its hosts are free', () => {
  const hosts = frontier();
  hosts.offer('a', lines(1));
  hosts.next(1, 100);
  hosts.offerFixed([
    { key: 'a', lines: lines(1, 1) },
    { key: 'b', lines: lines(2, 2) },
  ]);
  hosts.offerFixed([{ key: 'a', lines: lines(1, 4) }]);
  expect(hosts.next(1, 100)).toBeUndefined();
  hosts.comeBack('a', 2);
  expect(counted(hosts.next(2, 100))).toEqual(['a:1', 'b:2']);
  expect(hosts.next(2, 100)).toBeUndefined();
  hosts.comeBack('a', 3);
  expect(counted(hosts.next(3, 100))).toEqual(['a:1']);
  expect(hosts.waiting).toBe(0);
});

test('counts what may go out apart from what has to wait', () => {
  const hosts = frontier(100);
  hosts.offer('a', lines(400));
  hosts.offer('b', lines(2, 400));
  expect([hosts.ready, hosts.waiting]).toEqual([402, 402]);
  expect(counted(hosts.next(1, 100))).toEqual(['a:300']);
  expect([hosts.ready, hosts.waiting, hosts.freeAt('a'), hosts.freeAt('b')]).toEqual([2, 102, Infinity, 0]);
  hosts.offer('a', lines(1, 402));
  hosts.comeBack('a', 5);
  expect([hosts.ready, hosts.waiting, hosts.waitingOf('a')]).toEqual([2, 103, 101]);
  expect(counted(hosts.next(105, 200))).toEqual(['a:101']);
  expect([hosts.ready, hosts.waiting]).toEqual([2, 2]);
});

test('what remains of a host that is out can be taken away', () => {
  const hosts = frontier();
  hosts.offer('a', lines(302));
  expect(hosts.takeRest('a')).toEqual([]);
  hosts.next(1, 100);
  expect(hosts.takeRest('a')).toEqual(lines(2, 300));
  expect([hosts.ready, hosts.waiting, hosts.waitingOf('a')]).toEqual([0, 0, 0]);
});

test('requests that are stored elsewhere count for the size of a host, and are asked for when it goes out', () => {
  const hosts = frontier();
  const stored = lines(500);
  const asked: number[] = [];
  const more = (key: string, most: number): { lines: string[]; left: number } => {
    asked.push(most);
    return { lines: key === 'a' ? stored.splice(0, most) : [], left: stored.length };
  };
  hosts.offer('b', lines(100));
  hosts.offer('a', lines(1));
  hosts.store('a', 500);
  expect(counted(hosts.next(1, 100, more))).toEqual(['a:300']);
  expect([asked, hosts.waiting]).toEqual([[299], 100]);
  hosts.comeBack('a', 1);
  expect(counted(hosts.next(1, 100, more))).toEqual(['a:201']);
  hosts.comeBack('a', 2);
  expect(counted(hosts.next(3, 100, more))).toEqual(['b:100']);
  // All that was stored turned out to be done.
  hosts.store('c', 5);
  expect(hosts.next(3, 100, more)).toBeUndefined();
  expect(hosts.waiting).toBe(0);
});

test('a host that grows while it waits goes before smaller ones', () => {
  const hosts = frontier();
  hosts.offer('grown', lines(1));
  hosts.offer('small', lines(20, 1));
  hosts.offer('grown', lines(200, 21));
  expect(counted(hosts.next(1, 100))).toEqual(['grown:201']);
  expect(counted(hosts.next(1, 100))).toEqual(['small:20']);
  expect(hosts.next(1, 100)).toBeUndefined();
});
