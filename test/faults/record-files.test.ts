import { describe, expect, test } from 'vitest';
import { parseRecord, toRecord } from '../../src/http/record.ts';
import { readRecords } from '../../src/inputs/records.ts';
import { openRecords } from '../../src/journal/open-records.ts';
import { runCli, shellCli } from '../helpers/process/cli.ts';
import { runShell } from '../helpers/process/module.ts';
import { failure, response } from '../helpers/results.ts';
import { temporary } from '../helpers/temporary.ts';

const { file, path } = temporary('record-files');

const harmful =
  // oxlint-disable-next-line no-control-regex -- control characters are what this looks for
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/;

const titleChange = '\u001b]0;OWNED\u0007';
const evil = `evil${titleChange}\u009b2J\u202e\u2028`;

const hostileRecords = [
  { ...toRecord(response()), url: `http://${evil}/`, finalUrl: evil, method: evil, id: evil, at: evil, redirects: 1 },
  { ...toRecord(failure()), url: evil, error: { code: 'LATER_CODE', message: evil, retryable: false }, bodyHash: evil },
  { ...toRecord(response()), headers: { [evil]: [evil], server: evil }, timingsMs: { [evil]: 1 } },
];
const hostileFile = file(`${hostileRecords.map((record) => JSON.stringify(record)).join('\n')}\n`, '.jsonl');

/** Runs `report` with standard output and standard error on a terminal, and returns what it wrote there. */
async function reportOnTerminal(args: string): Promise<string> {
  const script = file(`stty cols 200\nNO_COLOR=1 ${shellCli} report ${args}\n`, '.sh');
  const { stdout } = await runShell(`script -qec 'bash ${script}' /dev/null`);
  return stdout.replaceAll('\r\n', '\n');
}

describe('a hostile results file', () => {
  test.each(['', '--format text', '--format table', '--format jsonl', '--format json', '--format csv'])(
    'sends nothing to the terminal that acts on it: report %s',
    async (format) => {
      const shown = await reportOnTerminal(`${hostileFile} ${format}`);
      expect(shown).toContain('LATER_CODE');
      expect(shown).not.toMatch(harmful);
    },
  );

  test.each(['', '--format text', '--format table', '--format jsonl', '--format json', '--format csv'])(
    'is refused at a record with an invalid error code: report %s',
    async (format) => {
      const records = [
        ...hostileRecords,
        { ...toRecord(failure()), error: { code: evil, message: '', retryable: true } },
      ];
      const name = file(`${records.map((record) => JSON.stringify(record)).join('\n')}\n`, '.jsonl');
      const shown = await reportOnTerminal(`${name} ${format}`);
      expect(shown).toContain('line 4');
      expect(shown).not.toMatch(harmful);
      expect((await runCli(['report', name])).code).toBe(3);
    },
  );

  test('cannot make a figure larger than a page can draw', async () => {
    const name = file(`${JSON.stringify({ ...toRecord(response()), elapsedMs: 1e300 })}\n`, '.jsonl');
    const run = await runCli(['report', name]);
    expect(run.stderr).toContain('line 1');
    expect(run.code).toBe(3);
  });
});

describe('blank lines', () => {
  const record = `${JSON.stringify(toRecord(response({ headers: { a: 'b' } }), { includeHeaders: true }))}\n`;
  const lines = 60_000;

  async function shortestMs(work: () => Promise<unknown>): Promise<number> {
    let shortest = Infinity;
    for (let tries = 0; tries < 3; tries += 1) {
      const start = performance.now();
      await work();
      shortest = Math.min(shortest, performance.now() - start);
    }
    return shortest;
  }

  async function readAll(content: Buffer): Promise<number> {
    let count = 0;
    for await (const _ of readRecords(chunksOf(content), 'x', () => {})) count += 1;
    return count;
  }

  async function* chunksOf(content: Buffer): AsyncGenerator<Buffer, void, undefined> {
    for (let at = 0; at < content.length; at += 65_536) yield content.subarray(at, at + 65_536);
  }

  test('cost a report less time than as many records', async () => {
    const blank = Buffer.from(`${record}${'\n'.repeat(lines)}`);
    const full = Buffer.from(record.repeat(lines));
    expect(await readAll(blank)).toBe(1);
    expect(await shortestMs(() => readAll(blank))).toBeLessThan(await shortestMs(() => readAll(full)));
  });

  test('cost a resumed run less time than as many records', async () => {
    const resume = async (name: string): Promise<void> =>
      (await openRecords(name, { start: 'resume', fsync: 'never', take: () => {} })).close();
    const blank = file(`${record}${'\n'.repeat(lines)}`, '.jsonl');
    const full = file(record.repeat(lines), '.jsonl');
    expect(await shortestMs(() => resume(blank))).toBeLessThan(await shortestMs(() => resume(full)));
  });

  test('are not records', () => {
    for (const line of ['', ' ', '\t\r', '\u00a0']) expect(parseRecord(line)).toBeUndefined();
    expect(parseRecord(` ${record}`)).toBeDefined();
  });
});

test('a new results file is readable by its owner only, and an existing one keeps its mode', async () => {
  const { chmodSync, statSync } = await import('node:fs');
  const modeOf = (name: string): number => statSync(name).mode & 0o777;
  for (const ending of ['.jsonl', '.csv']) {
    const name = path(ending);
    await runCli(['http://127.0.0.1:1/', '--retries', '0', '-q', '-o', name]);
    expect([ending, modeOf(name)]).toEqual([ending, 0o600]);
    chmodSync(name, 0o640);
    await runCli(['http://127.0.0.1:1/', '--retries', '0', '-q', '-o', name, '--overwrite']);
    expect([ending, modeOf(name)]).toEqual([ending, 0o640]);
  }
});
