import { expect, test } from 'vitest';
import { createFetcher } from '../../src/index.ts';
import type { ResponseResult } from '../../src/http/result.ts';
import { collect } from '../helpers/collect.ts';
import { watchProcess } from '../helpers/incidents.ts';
import { rawServer, send } from '../helpers/servers/raw-server.ts';
import { answerOf, ends, type FuzzedAnswer } from './fuzzed-answers.ts';
import { expectHonest, expectWithin } from './invariants.ts';
import { readReply } from './read-reply.ts';
import { empty, targetOf } from './replies.ts';

/** `FUZZ_SECONDS=60 npx vitest run ... fuzz` runs longer; `FUZZ_SEED=123` starts with the case of that seed. */
const seconds = Number(process.env.FUZZ_SECONDS ?? 30);
const firstSeed = Number(process.env.FUZZ_SEED ?? 1);
const batch = 100;
const timeoutMs = 150;

test(
  `fuzz: no reply whatever breaks a promise (FUZZ_SEED=${firstSeed})`,
  async () => {
    using incidents = watchProcess();
    await using healthy = await rawServer(send(empty));
    const until = performance.now() + seconds * 1000;
    let seed = firstSeed;
    do {
      // Each case has its own origin, so that the connections of another case do not matter.
      await using server = await rawServer((socket, request) => {
        const [, name = ''] = targetOf(request).split('/');
        if (!/^\d+$/.test(name)) return socket.write(empty);
        const { bytes, end } = answerOf(Number(name));
        return ends[end](bytes)(socket, request);
      });
      const fetcher = createFetcher({ concurrency: batch, retry: { retries: 0 }, timeoutMs, maxBodyBytes: 100_000 });
      const seeds = Array.from({ length: batch }, (_, at) => seed + at);
      const urls = seeds.map((each) => `http://seed-${each}.localhost:${server.port}/${each}`);
      const results = await collect(fetcher.asCompleted([...urls, healthy.url]));

      expect(results).toHaveLength(batch + 1);
      for (const result of results) {
        const about = `FUZZ_SEED=${seeds[result.index] ?? 'healthy'} ${result.kind}`;
        try {
          expectHonest(result);
        } catch (error) {
          throw new Error(about, { cause: error });
        }
        if (result.index < batch && result.kind === 'response' && result.redirects === 0)
          expectMeant(result, answerOf(seeds[result.index]!), about);
        if (result.index === batch) expect(result, about).toMatchObject({ status: 200, attempts: 1 });
        expect(result.elapsedMs, about).toBeLessThan(timeoutMs + 3000);
        expect(result.attempts, about).toBe(1);
      }
      await fetcher.close();
      await expectWithin(
        1000,
        server.deserted(),
        `FUZZ_SEED=${seed} or one of the ${batch} after it leaves a connection`,
      );
      expect(incidents.seen, `FUZZ_SEED=${seed} or one of the ${batch} after it`).toEqual([]);
      seed += batch;
    } while (performance.now() < until);
    console.log(`fuzz: ${seed - firstSeed} cases, from FUZZ_SEED=${firstSeed}`);
  },
  seconds * 1000 + 20_000,
);

/** A second opinion: what passes for a response is what the bytes say, and whole. */
function expectMeant(result: ResponseResult, { bytes, end }: FuzzedAnswer, about: string): void {
  const meant = readReply(bytes);
  expect(meant?.status, about).toBe(result.status);
  expect(meant!.isFramed ? 'framed' : 'unverified', about).toBe(result.complete);
  if (!meant!.isFramed) expect(end, about).toMatch(/close|pieces/);
  expect(meant!.body, about).toHaveLength(result.wireLength);
  const isCoded = /[^ ,]/.test(meant!.headers.get('content-encoding')?.replace('identity', '') ?? '');
  if (!isCoded) expect(meant!.body.equals(result.bytes()), about).toBe(true);
}
