import { expect, test } from 'vitest';
import { ChunkRun, type ChunkTools } from '../../src/distributed/chunk-run.ts';
import type { Lesson } from '../../src/distributed/broker.ts';
import { Lease, present } from '../../src/distributed/lease.ts';
import { packHosts, packLesson, unpackLesson } from '../../src/distributed/wire.ts';
import type { OriginState } from '../../src/scheduling/limits.ts';

const limit = { found: 40, isFinding: false, restMs: 5000, restedAt: 40 };
const state: OriginState = { limit: { ...limit, ceiling: Infinity, ceilingForMs: 0, ceilingMs: 5000 } };

/** Runs a chunk of two hosts that has nothing left to fetch. */
async function runChunk(
  by: string,
  isKnown: boolean,
): Promise<{ readonly learned: string[]; readonly told: Lesson[] }> {
  const learned: string[] = [];
  const told: Lesson[] = [];
  const payload = packHosts(['a.test', 'b.test'].map((key) => ({ key, lines: [`0\t\thttp://${key}/`] })));
  const text = packLesson({ worker: by, origins: [['http://a.test', state]] });
  const facts = {
    deliveries: 1,
    done: new Uint8Array([0xff]),
    pausesMs: [0, 0],
    lessons: [{ text, ageMs: 5 }, undefined],
  };
  const fetcher = {
    learn: (origin: string, saved: OriginState, ageMs: number) =>
      void learned.push(`${origin} ${saved.limit!.found} ${ageMs}`),
    learned: (origin: string) => (isKnown && origin === 'http://a.test' ? state : undefined),
    guarded: () => ({ results: [], active: () => 0 }),
  };
  const broker = {
    complete: async (_: string, __: string, ___: unknown, lessons: Lesson[]) => told.push(...lessons) > 0,
  };
  const tools = {
    broker,
    worker: 'me',
    fetcher,
    committer: { flush: async () => {} },
    pausedUntil: () => 0,
    signal: new AbortController().signal,
  } as unknown as ChunkTools;
  await new ChunkRun({ id: '1-1', run: 'r', payload }, facts, new Lease(60_000, present()), tools).run();
  return { learned, told };
}

test('a worker learns what another one knew of a host, and writes down under its own name what it knows', async () => {
  const { learned, told } = await runChunk('another', true);
  expect(learned).toEqual(['http://a.test 40 5']);
  expect(told.map(({ key, text }) => ({ key, ...unpackLesson(text) }))).toEqual([
    { key: 'a.test', worker: 'me', origins: [['http://a.test', state]] },
  ]);
});

test('a worker that gets a host again does not fall back to what it wrote down of it, unless it has forgotten it', async () => {
  expect((await runChunk('me', true)).learned).toEqual([]);
  expect((await runChunk('me', false)).learned).toEqual(['http://a.test 40 5']);
});
