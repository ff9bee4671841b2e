import { describe, expect, test } from 'vitest';
import { createFetcherOver, type Fetcher } from '../../src/fetcher/fetcher.ts';
import { resolveOptions, type FetcherOptions } from '../../src/fetcher/options.ts';
import type { FetchResult } from '../../src/http/result.ts';
import { createHttp1Transport } from '../../src/transports/http1/http1.ts';
import { loopbackCertificate } from '../helpers/servers/certificate.ts';
import { rawServer, type RawServer } from '../helpers/servers/raw-server.ts';
import { createUndiciTransport } from '../helpers/undici/undici.ts';
import { codings } from './codings.ts';
import type { FaultCase } from './fault-case.ts';
import { framing } from './framing.ts';
import { answerOf, ends } from './fuzzed-answers.ts';
import { heads } from './heads.ts';
import { redirects } from './redirects.ts';
import { retries } from './retries.ts';
import { empty, targetOf } from './replies.ts';

/** `ORACLE_CASES=20000 npx vitest run ... oracle` compares more; `ORACLE_SEED=123` begins with the case of that seed. */
const cases = Number(process.env.ORACLE_CASES ?? 2000);
const firstSeed = Number(process.env.ORACLE_SEED ?? 1);
const batch = 100;
const timeoutMs = 400;

const transports = { ours: createHttp1Transport, undici: createUndiciTransport };
type Name = keyof typeof transports;

function fetcherOver(name: Name, options: FetcherOptions): Fetcher {
  const resolved = resolveOptions(options);
  return createFetcherOver(transports[name](resolved), resolved);
}

/** What both clients must agree on. */
interface Told {
  readonly outcome: string;
  readonly headers?: unknown;
  readonly body?: string;
  readonly isReused?: boolean;
}

function tell(result: FetchResult): Told {
  if (result.kind !== 'response') return { outcome: result.error.code };
  const { status, complete, headers, wireLength } = result;
  const body = Buffer.from(result.bytes()).toString('latin1');
  return { outcome: `${status} ${complete} ${wireLength}`, headers: { ...headers }, body };
}

/** A way in which both differ, and why that is right. */
interface KnownDifference {
  readonly why: string;
  applies(ours: Told, undici: Told, method: string): boolean;
}

const known: readonly KnownDifference[] = [
  {
    why: 'undici closes each connection after a HEAD, since some servers answer one with a body; ours closes it when they do',
    applies: (ours, undici, method) =>
      method === 'HEAD' && JSON.stringify({ ...ours, isReused: false }) === JSON.stringify(undici),
  },
  {
    why: 'a body that is both cut off and wrongly coded: its decoder, on another thread, may be before or after the close',
    applies: (ours, undici) => [ours.outcome, undici.outcome].sort().join() === 'BODY_TRUNCATED,DECODE_FAILED',
  },
];

const methods = ['GET', 'GET', 'GET', 'POST', 'HEAD'] as const;
const methodOf = (seed: number): string => methods[seed % methods.length]!;

async function askFuzzed(name: Name, seeds: readonly number[], limitMs = timeoutMs): Promise<Told[]> {
  await using server = await rawServer((socket, request) => {
    const [, seed = ''] = targetOf(request).split('/');
    if (!/^\d+$/.test(seed)) return socket.write(empty);
    const { bytes, end } = answerOf(Number(seed));
    return ends[end](bytes)(socket, request);
  });
  await using fetcher = fetcherOver(name, {
    concurrency: batch,
    retry: { retries: 0 },
    timeoutMs: limitMs,
    maxBodyBytes: 100_000,
    maxRedirects: 0,
  });
  const told = await Promise.all(
    seeds.map(async (seed) => {
      const origin = `http://seed-${seed}.localhost:${server.port}`;
      const first = tell(await fetcher.fetch({ url: `${origin}/${seed}`, method: methodOf(seed) }));
      await fetcher.fetch(`${origin}/again`);
      return { ...first, isReused: isReused(server, `seed-${seed}.`) };
    }),
  );
  return told;
}

function isReused(server: RawServer, host: string): boolean {
  const mine = server.requests.filter(({ head }) => head.includes(`host: ${host}`));
  return mine.at(0)?.connection === mine.at(-1)?.connection;
}

/** Returns why the two differ: a known reason, `none` or `unexplained`. */
function difference(seed: number, ours: Told, undici: Told): string {
  if (JSON.stringify(ours) === JSON.stringify(undici)) return 'none';
  return known.find((each) => each.applies(ours, undici, methodOf(seed)))?.why ?? 'unexplained';
}

test(
  `undici's client and ours agree on fuzzed replies (ORACLE_SEED=${firstSeed})`,
  { timeout: 30_000 + cases * 50 },
  async () => {
    const unexplained: unknown[] = [];
    const explained = new Map<string, number>();
    for (let from = firstSeed; from < firstSeed + cases; from += batch) {
      const seeds = Array.from({ length: batch }, (_, at) => from + at);
      const ours = await askFuzzed('ours', seeds);
      const undici = await askFuzzed('undici', seeds);
      for (const [at, seed] of seeds.entries()) {
        let reason = difference(seed, ours[at]!, undici[at]!);
        if (reason === 'unexplained') {
          // On a busy machine, one of the two may have been too slow for its time limit. What differs in itself differs again.
          const limitMs = 5 * timeoutMs;
          const mine = await askFuzzed('ours', [seed], limitMs);
          const theirs = await askFuzzed('undici', [seed], limitMs);
          reason = difference(seed, mine[0]!, theirs[0]!);
          const { bytes, end } = answerOf(seed);
          const reply = { seed, end, bytes: bytes.toString('latin1') };
          if (reason === 'unexplained') unexplained.push({ ...reply, ours: mine[0], undici: theirs[0] });
        }
        if (reason !== 'unexplained' && reason !== 'none') explained.set(reason, (explained.get(reason) ?? 0) + 1);
      }
    }
    console.log(`oracle: ${cases} replies`, Object.fromEntries(explained));
    expect(unexplained).toEqual([]);
  },
);

async function askCase(name: Name, { answer, over, options, request }: FaultCase): Promise<unknown> {
  const tls = over === 'tls' ? await loopbackCertificate() : undefined;
  await using server = await rawServer(answer!, tls);
  await using fetcher = fetcherOver(name, {
    retry: { retries: 0 },
    ...options,
    ...(tls ? { tls: { ca: tls.cert } } : {}),
  });
  const result = await fetcher.fetch({ url: `${server.url}/start`, ...request });
  const text = JSON.stringify({ ...tell(result), attempts: result.attempts, requests: server.requests.length });
  return JSON.parse(text.replaceAll(String(server.port), 'PORT')) as unknown;
}

const groups = { A: framing, B: heads, C: codings, D: redirects, E: retries };

describe.for(Object.entries(groups))("undici's client and ours agree on group %s of the catalogue", ([, all]) => {
  test.concurrent.for(all.filter(({ answer }) => answer))('$id $fault', async (fault) => {
    expect(await askCase('ours', fault)).toEqual(await askCase('undici', fault));
  });
});
