import { expect, test } from 'vitest';
import { ChunkRun, type ChunkTools } from '../../src/distributed/chunk-run.ts';
import type { Completion, Lesson } from '../../src/distributed/broker.ts';
import { Lease, present } from '../../src/distributed/lease.ts';
import { packHosts, packItem, packLesson, unpackLesson, unpackLine } from '../../src/distributed/wire.ts';
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
    optionsId: '',
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

test.each([
  ['begins again, under the options of now', 'GET', 0],
  ['goes on, if it may do harm when it is processed twice', 'POST', 1],
])('a request that was redirected under other options %s', async (_, method, made) => {
  const hop = { method: 'GET', origin: 'http://b.test', path: '/', headers: ['x-token', 'old'] };
  const trail = { ...hop, optionsId: 'before', redirects: 1, visited: [] };
  const item = { index: 7, input: { url: 'http://a.test/', method }, progress: { attempts: 1, elapsedMs: 5, trail } };
  const { key, line } = packItem(item);
  expect(key).toBe('b.test');
  const inputs: unknown[] = [];
  const back: Completion['back'][number][] = [];
  const tools = {
    broker: { complete: async (__: string, ___: string, completion: Completion) => back.push(...completion.back) > 0 },
    fetcher: {
      learned: () => undefined,
      guarded(some: readonly unknown[]) {
        inputs.push(...some);
        return { results: [], active: () => 0 };
      },
    },
    committer: { flush: async () => {} },
    optionsId: 'now',
    pausedUntil: () => 0,
    signal: new AbortController().signal,
  } as unknown as ChunkTools;
  const facts = { deliveries: 1, optionsId: 'now', done: new Uint8Array(), pausesMs: [0], lessons: [] };
  const chunk = { id: '1-1', run: 'r', payload: packHosts([{ key, lines: [line] }]) };
  await new ChunkRun(chunk, facts, new Lease(60_000, present()), tools).run();
  expect(inputs.length).toBe(made);
  expect(back.map((some) => [some.key, unpackLine(some.line).progress])).toEqual(
    made === 1 ? [] : [['a.test', { attempts: 1, elapsedMs: 5 }]],
  );
});
