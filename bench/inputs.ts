// How many rows per second does each list reader give, and does its memory stay flat? Rows are counted per second of CPU
// time of this process. `node --expose-gc bench/inputs.ts [rows]`.
import { readRequests, type ReadRequestsOptions } from '../src/inputs/read-requests.ts';
import { StreamedList } from '../src/inputs/streamed-list.ts';
import { machine } from './machine.ts';
import { cpuPerRequest, interleave, type Candidate } from './rounds.ts';

const rows = Number(process.argv[2] ?? 500_000);
const rounds = 5;
const chunkBytes = 256 * 1024;

const url = (at: number): string => `https://www.example${at % 100}.com/catalogue/items/${at}?lang=en`;

const lists: readonly (readonly [
  name: string,
  row: (at: number) => string,
  options: ReadRequestsOptions,
  head?: string,
])[] = [
  ['lines', (at) => `${url(at)}\n`, { format: 'lines' }],
  [
    'csv',
    (at) => `${at},${at % 10 === 0 ? `"Smith, ""Ann"" ${at}"` : `Smith ${at}`},${url(at)},${at % 7},active\n`,
    { format: 'csv' },
    'id,name,url,rank,state\n',
  ],
  [
    'tsv',
    (at) => `${at}\tSmith ${at}\t${url(at)}\t${at % 7}\tactive\n`,
    { format: 'tsv' },
    'id\tname\turl\trank\tstate\n',
  ],
  ['jsonl', (at) => `{"url":"${url(at)}","id":"${at}","name":"Smith ${at}","rank":${at % 7}}\n`, { format: 'jsonl' }],
  [
    'json',
    (at) => `{"url":"${url(at)}","id":"${at}","name":"Smith ${at}","rank":${at % 7}},\n`,
    { format: 'json' },
    '["x",\n',
  ],
  [
    'sitemap',
    (at) => `<url><loc>${url(at)}</loc><lastmod>2026-01-02</lastmod></url>\n`,
    { format: 'sitemap' },
    '<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n',
  ],
];

/** The first rows of a list again and again, so that the list takes no memory of its own. */
async function* chunksOf(row: (at: number) => string, head: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(head);
  const rowsPerPart = 50_000;
  const part = Buffer.from(Array.from({ length: rowsPerPart }, (_, at) => row(at)).join(''));
  for (let made = 0; made < rows; made += rowsPerPart) {
    for (let at = 0; at < part.length; at += chunkBytes) yield part.subarray(at, at + chunkBytes);
  }
}

async function countUntilEnd(items: AsyncIterable<unknown>): Promise<number> {
  let count = 0;
  try {
    for await (const _ of items) count += 1;
  } catch (error) {
    // The lists that need an end have none.
    if (!(error instanceof Error) || error.constructor.name !== 'InputError') throw error;
  }
  return count;
}

function candidate(name: string, read: () => AsyncIterable<unknown>): Candidate {
  return {
    name,
    run: () =>
      cpuPerRequest(rows, async () => {
        const count = await countUntilEnd(read());
        if (count < rows) throw new Error(`${name}: ${count} rows of ${rows}`);
      }),
  };
}

console.log(machine());
console.log(`${rows} rows, ${rounds} rounds: thousands of rows per second of CPU time, and growth of memory\n`);
const candidates = [
  candidate('lines as texts', () => new StreamedList(chunksOf(lists[0]![1], ''), { format: 'lines', givesText: true })),
  ...lists.map(([name, row, options, head = '']) => candidate(name, () => readRequests(chunksOf(row, head), options))),
];
for (const { name, median, ratio } of await interleave(candidates, rounds)) {
  console.log(`${name.padEnd(18)} ${(1000 / median).toFixed(0).padStart(6)} k/s  ${ratio.toFixed(2).padStart(5)} x`);
}
console.log('\nResident memory after 1, 2 and 4 readings of each list:');
for (const [name, row, options, head = ''] of lists) {
  const megabytes: string[] = [];
  for (const times of [1, 1, 2]) {
    for (let time = 0; time < times; time += 1) await countUntilEnd(readRequests(chunksOf(row, head), options));
    globalThis.gc?.();
    megabytes.push(`${(process.memoryUsage.rss() / 1e6).toFixed(0)} MB`);
  }
  console.log(`${name.padEnd(18)} ${megabytes.join('  ')}`);
}
