import { describe, expect, test } from 'vitest';
import { WorkerNotice } from '../../src/distributed/worker-notice.ts';

const open = (name = 'fetchmany'): WorkerNotice =>
  new WorkerNotice({ address: 'redis://queue/0', name, goneMs: 30_000 });
const nobodyLeft = 'no workers left; waiting for one';

describe('WorkerNotice', () => {
  test('names the command to start a worker with, once, where none has come for five seconds', () => {
    const notice = open();
    // One of an earlier run, which was killed.
    expect([0, 1000, 4999, 5000, 9000, 60_000].map((now) => notice.look(now, [200_000 + now]))).toEqual([
      undefined,
      undefined,
      undefined,
      'no worker under the name fetchmany yet: start one with fetchmany worker --queue redis://queue/0',
      undefined,
      undefined,
    ]);
    expect(open('nightly').look(0, [])).toBeUndefined();
    const named = open('nightly');
    named.look(0, []);
    expect(named.look(5000, [])).toMatch(/under the name nightly yet: .* --queue redis:\/\/queue\/0 --name nightly$/);
  });

  test('says that none is left once none was heard of for a lease, and again the next time', () => {
    const notice = open();
    expect(notice.look(0, [100])).toBeUndefined();
    // The last one was killed: it is listed, and not heard of.
    expect(notice.look(29_000, [29_100])).toBeUndefined();
    expect(notice.look(30_000, [30_100])).toBe(nobodyLeft);
    expect(notice.look(31_000, [31_100])).toBeUndefined();
    expect(notice.look(40_000, [50, 40_100])).toBeUndefined();
    // The last one has left.
    expect([41_000, 69_000].map((now) => notice.look(now, []))).toEqual([undefined, undefined]);
    expect(notice.look(70_000, [])).toBe(nobodyLeft);
  });

  test('counts no time in which workers could not be heard', () => {
    const notice = open();
    notice.look(0, [0]);
    notice.lose();
    // The server is back, and remembers nobody, or when it last heard of one.
    expect(notice.look(100_000, [])).toBeUndefined();
    expect(notice.look(101_000, [101_000])).toBeUndefined();
    expect(notice.look(129_000, [])).toBeUndefined();
    expect(notice.look(130_000, [])).toBe(nobodyLeft);
  });
});
