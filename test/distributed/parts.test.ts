import { expect, test } from 'vitest';
import { Committer } from '../../src/distributed/commit.ts';
import type { Commit } from '../../src/distributed/broker.ts';
import { DoneSet } from '../../src/distributed/done-set.ts';
import { Lease } from '../../src/distributed/lease.ts';
import { firstAndRest } from '../../src/distributed/outstanding.ts';
import { decompress } from '../../src/distributed/wire.ts';

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
