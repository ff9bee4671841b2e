import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Committer } from '../../src/distributed/commit.ts';
import type { Commit } from '../../src/distributed/broker.ts';
import { DoneSet } from '../../src/distributed/done-set.ts';
import { Frontier } from '../../src/distributed/frontier.ts';
import { Lease } from '../../src/distributed/lease.ts';
import { firstAndRest } from '../../src/distributed/outstanding.ts';
import { partCount, partOf, Spool } from '../../src/distributed/spool.ts';
import { Supply } from '../../src/distributed/supply.ts';
import { decompress } from '../../src/distributed/wire.ts';
import { temporary } from '../helpers/temporary.ts';

const { path } = temporary('distributed-parts');

test('a lease holds for nine tenths of its time after the renewal was sent, on either clock', () => {
  const lease = new Lease(1000, { monotonic: 0, wall: 0 });
  expect(lease.isOpen({ monotonic: 899, wall: 899 })).toBe(true);
  expect(lease.isOpen({ monotonic: 900, wall: 0 })).toBe(false);
  // A suspended machine: only the wall clock has gone on.
  expect(lease.isOpen({ monotonic: 1, wall: 900 })).toBe(false);
  lease.renew({ monotonic: 500, wall: 500 });
  expect(lease.leftMs({ monotonic: 600, wall: 600 })).toBe(800);
});

test('a done set knows each index once, and whose record it was', () => {
  const done = new DoneSet();
  expect([done.add(100_000), done.add(100_000), done.has(99_999)]).toEqual([true, false, false]);
  done.addEarlier(5, ['GET', 'http://a.test/'], true);
  done.addEarlier(6, ['GET', 'http://b.test/'], true);
  done.addEarlier(6, ['GET', 'http://b.test/'], false);
  expect([done.has(5), done.has(6)]).toEqual([true, false]);
  expect([done.agrees(5, ['GET', 'http://a.test/']), done.agrees(5, ['GET', 'http://b.test/'])]).toEqual([true, false]);
  expect(done.agrees(7, ['anything'])).toBe(true);
});

test('a spool gives each request once, from disk and from memory, and leaves nothing behind', () => {
  const folder = path();
  const spool = new Spool(folder);
  const count = 30_000;
  const long = 'x'.repeat(100);
  for (let at = 0; at < count; at += 1) spool.add({ key: `h${at % 7}`, line: `${at}\t\t${long}` });
  expect(existsSync(folder)).toBe(true);
  const seen = new Set<string>();
  for (let part = 0; part < partCount; part += 1) {
    while (spool.hasMore(part)) {
      for (const { key, line } of spool.next(part)) {
        expect(partOf(key)).toBe(part);
        seen.add(line);
      }
    }
  }
  expect(seen.size).toBe(count);
  spool.close();
  expect(existsSync(folder)).toBe(false);
});

test('a supply keeps a bounded number of requests in memory, of all parts in turn', () => {
  const spool = new Spool(path());
  const long = 'x'.repeat(500);
  for (let at = 0; at < 3000; at += 1) spool.add({ key: at % 3 === 0 ? 'one' : 'two', line: `${at}\t\t${long}` });
  const frontier = new Frontier({ intervalMs: 0, perSecond: 30 });
  const supply = new Supply(spool, frontier, (index) => index % 2 === 0, { usual: 200, most: 200 });
  const keys = new Set<string>();
  let taken = 0;
  for (;;) {
    supply.fill(false);
    expect(frontier.waiting).toBeLessThan(200 + 150);
    const hosts = frontier.next(1, 50);
    if (hosts === undefined) break;
    supply.taken(hosts);
    for (const { key, lines } of hosts) {
      keys.add(key);
      taken += lines.length;
      frontier.comeBack(key, 0);
    }
  }
  expect([taken, keys.size]).toEqual([1500, 2]);
  spool.close();
});

test('a supply looks further back where all that waits is paused', () => {
  const spool = new Spool(path());
  const long = 'x'.repeat(500);
  // Of one part: the slow host is in front of the other.
  const [slow, fast] = samePart();
  for (let at = 0; at < 1000; at += 1) spool.add({ key: slow, line: `${at}\t\t${long}` });
  spool.add({ key: fast, line: `1000\t\t${long}` });
  const frontier = new Frontier({ intervalMs: 0, perSecond: 30 });
  const supply = new Supply(spool, frontier, () => true, { usual: 200, most: 2000 });
  supply.fill(false);
  supply.taken(frontier.next(0, 10)!);
  frontier.comeBack(slow, 0);
  frontier.pause(slow, 1e6);
  supply.fill(false);
  expect(frontier.next(1, 10)).toBeUndefined();
  expect(frontier.waiting).toBeLessThan(200 + 150);
  supply.fill(true);
  expect(frontier.next(2, 10)).toEqual([{ key: fast, lines: [`1000\t\t${long}`] }]);
  spool.close();
});

/** Two hosts of one part of a spool. */
function samePart(): readonly [string, string] {
  const first = 'slow.test';
  for (let number = 0; ; number += 1) if (partOf(`h${number}`) === partOf(first)) return [first, `h${number}`];
}

test('the first request of a chunk is parted from the others', () => {
  const a = { key: 'a', lines: ['0', '1'] };
  const b = { key: 'b', lines: ['2'] };
  expect(firstAndRest([a, b])).toEqual([[{ key: 'a', lines: ['0'] }], [{ key: 'a', lines: ['1'] }, b]]);
  expect(firstAndRest([b, a])).toEqual([[b], [a]]);
  expect(firstAndRest([b])).toEqual([[b]]);
});

test('a committer gathers records, tries until it is answered, and one at a time', async () => {
  const commits: Commit[] = [];
  let underWay = 0;
  let failures = 2;
  const committer = new Committer({
    run: 'r',
    signal: new AbortController().signal,
    onRefused: () => expect.unreachable(),
    broker: {
      async commit(commit) {
        underWay += 1;
        expect(underWay).toBe(1);
        await Promise.resolve();
        underWay -= 1;
        failures -= 1;
        if (failures >= 0) throw new Error('the connection was lost');
        commits.push(commit);
        return true;
      },
    },
  });
  void committer.add('c1', 0, 'a\n');
  void committer.add('c2', 5, 'b\n');
  void committer.add('c1', 1, 'c\n');
  committer.pause('host', performance.now() + 5000);
  await committer.flush();
  expect(commits.map(({ payload }) => decompress(payload))).toEqual(['a\nc\nb\n']);
  expect(commits[0]).toMatchObject({
    run: 'r',
    chunks: [
      { id: 'c1', positions: [0, 1] },
      { id: 'c2', positions: [5] },
    ],
    pauses: [{ key: 'host' }],
  });
  await committer.flush();
  expect(commits.length).toBe(1);
});

test('a committer goes on after its records were refused', async () => {
  const answers = [false, true];
  let refused = 0;
  const committer = new Committer({
    run: 'r',
    signal: new AbortController().signal,
    onRefused: () => (refused += 1),
    broker: { commit: () => Promise.resolve(answers.shift()!) },
  });
  void committer.add('c', 0, 'a\n');
  await committer.flush();
  void committer.add('c', 1, 'b\n');
  await committer.flush();
  expect([refused, answers]).toEqual([1, []]);
});
