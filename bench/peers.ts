// Compares the cost of one request with that of other clients: 1 KB from one keep-alive host, 50 in flight, in CPU time
// of this process, each with its defaults. Install the peers first: npm ci --prefix bench
import { Agent } from 'node:http';
import { createFetcher } from '../src/index.ts';
import { startBareServer } from './bare-server.ts';
import { inFlightLoop } from './in-flight-loop.ts';
import { machine } from './machine.ts';
import { peerVersion, tryPeer } from './peer.ts';
import { cpuPerRequest, interleave, table, type Candidate } from './rounds.ts';

const requests = 30_000;
const rounds = 5;
const inFlight = 50;

await using server = await startBareServer(1);
const url = `${server.hosts[0]}/0`;
const agent = new Agent({ keepAlive: true, maxSockets: inFlight });

const all = [ours(), discarding(), lotsOfFetch(), await pMapAndUndici(), await got(), await ky(), await axios()];
const candidates = all.filter((candidate) => candidate !== undefined);

console.log(machine('undici'));
console.log(
  `${requests} requests of 1 KB a round, ${inFlight} in flight, median of ${rounds} rounds, CPU time per request\n`,
);
console.log(table(await interleave(candidates, rounds)));
// Some clients keep their connections open, which would keep the process alive.
setImmediate(() => process.exit());

function ours(): Candidate {
  return throughFetcher('fetchmany', 'buffer');
}

function discarding(): Candidate {
  return throughFetcher('fetchmany, bodies discarded', 'discard');
}

function throughFetcher(name: string, responseBody: 'buffer' | 'discard'): Candidate {
  const fetcher = createFetcher({ concurrency: inFlight, perHost: { concurrency: inFlight }, responseBody });
  const urls = Array.from({ length: requests }, () => url);
  return measured(name, async () => {
    for await (const result of fetcher.asCompleted(urls)) {
      if (result.kind !== 'response') throw new Error(`not a response: ${result.url}`);
      requireWhole(result.length);
    }
  });
}

function lotsOfFetch(): Candidate {
  return measured('Promise.all + fetch, in lots', async () => {
    for (let sent = 0; sent < requests; sent += inFlight) {
      await Promise.all(Array.from({ length: inFlight }, fetchOne));
    }
  });
}

async function fetchOne(): Promise<void> {
  const response = await fetch(url);
  requireWhole((await response.arrayBuffer()).byteLength);
}

/** The part of a response that is used here. */
interface WithBody {
  arrayBuffer(): Promise<ArrayBuffer>;
}

async function pMapAndUndici(): Promise<Candidate | undefined> {
  type PMap = (list: unknown[], one: () => Promise<void>, options: { concurrency: number }) => Promise<unknown>;
  const pMap = await tryPeer<{ default: PMap }>('p-map');
  const undici = await tryPeer<{ request: (from: string) => Promise<{ body: WithBody }> }>('undici');
  if (!pMap || !undici) return undefined;
  const one = async (): Promise<void> =>
    requireWhole((await (await undici.request(url)).body.arrayBuffer()).byteLength);
  const list = Array.from({ length: requests });
  return measured(`p-map ${peerVersion('p-map')} + undici.request`, async () => {
    await pMap.default(list, one, { concurrency: inFlight });
  });
}

async function got(): Promise<Candidate | undefined> {
  const peer = await tryPeer<{ default: (from: string, options: object) => { buffer(): Promise<Uint8Array> } }>('got');
  return peer && inALoop('got', async () => (await peer.default(url, { agent: { http: agent } }).buffer()).length);
}

async function ky(): Promise<Candidate | undefined> {
  const peer = await tryPeer<{ default: (from: string) => WithBody }>('ky');
  return peer && inALoop('ky', async () => (await peer.default(url).arrayBuffer()).byteLength);
}

async function axios(): Promise<Candidate | undefined> {
  type Axios = { get(from: string, options: object): Promise<{ data: Uint8Array }> };
  const peer = await tryPeer<{ default: Axios }>('axios');
  const options = { responseType: 'arraybuffer', httpAgent: agent };
  return peer && inALoop('axios', async () => (await peer.default.get(url, options)).data.byteLength);
}

/** Makes a candidate of a function that fetches one page and returns its length, called in a hand-written loop. */
function inALoop(name: string, get: () => Promise<number>): Candidate {
  const one = async (): Promise<void> => requireWhole(await get());
  return measured(`${name} ${peerVersion(name)}`, () => inFlightLoop(requests, inFlight, one));
}

function measured(name: string, work: () => Promise<void>): Candidate {
  return { name, run: () => cpuPerRequest(requests, work) };
}

function requireWhole(length: number): void {
  if (length !== 1024) throw new Error(`1024 bytes expected, ${length} came`);
}
