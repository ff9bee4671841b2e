import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { ResultRecord } from '../../../src/http/record.ts';
import { writeReportHtml } from '../../../cli/report/report-html.ts';
import { startServer } from '../../../cli/server/server.ts';
import { OutputError } from '../../../src/outputs/files/output-error.ts';
import { runCli } from '../../helpers/process/cli.ts';
import { madeRecords } from '../../helpers/journal/made-records.ts';
import { runShell } from '../../helpers/process/module.ts';
import { temporary } from '../../helpers/temporary.ts';

const { path, file, directory } = temporary('report-html');

const records = madeRecords(200);
const recorded = file(records.map((record) => `${JSON.stringify(record)}\n`).join(''), '.jsonl');

async function* few(): AsyncGenerator<ResultRecord> {
  yield* records;
}

test('fetchmany report --html writes a page about a real run', async () => {
  await using server = await startServer();
  const results = path('.jsonl');
  const page = path('.html');
  const urls = ['/status/200', '/status/404', '/bytes/100'].map((target) => `${server.url}${target}`);
  await runCli([...urls, '-j', '-o', results, '-q']);
  const { code, stdout, stderr } = await runCli(['report', results, '--html', page]);
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^3 URLs in .*: 2 ok, 1 bad status\n/);
  const text = readFileSync(page, 'utf8');
  expect(text).toMatch(/^<!doctype html>/);
  expect(text).toContain('3 requests to 1 host in ');
  expect(text).toMatch(/<\/html>\s*$/);
});

const built = fileURLToPath(new URL('../../../dist/bin/fetchmany.js', import.meta.url));

test.skipIf(!existsSync(built))('the built command finds the script and styles of its page', async () => {
  const page = path('.html');
  const run = await runShell(`'${process.execPath}' '${built}' report '${recorded}' --html '${page}' -q`);
  expect(run).toMatchObject({ code: 0, stderr: '' });
  const text = readFileSync(page, 'utf8');
  for (const part of ['@media (prefers-color-scheme: dark)', 'requestAnimationFrame(']) expect(text).toContain(part);
});

test('fetchmany report --html shows selected records only, and says so', async () => {
  const page = path('.html');
  const { code } = await runCli(['report', recorded, '--only', 'failed', '--html', page, '-q']);
  expect(code).toBe(0);
  const failed = records.filter(({ kind }) => kind === 'failure').length;
  const text = readFileSync(page, 'utf8');
  expect(text).toContain(`${failed} requests to `);
  expect(text).toContain('.jsonl (selected records)');
  expect(text).toContain('Selected records: ');
  expect(text).not.toContain('<dt>Throughput</dt>');
});

test('fetchmany report --html also writes rows', async () => {
  const page = path('.html');
  const { code, stdout, stderr } = await runCli(['report', recorded, '--html', page, '-j']);
  expect(code).toBe(0);
  expect(stdout.trimEnd().split('\n')).toHaveLength(200);
  expect(stderr).toMatch(/^200 URLs in /);
  expect(statSync(page).size).toBeGreaterThan(10_000);
});

test('fetchmany report --html - writes only the page to standard output', async () => {
  const { code, stdout, stderr } = await runCli(['report', recorded, '--html', '-']);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^<!doctype html>[\s\S]*<\/html>\s*$/);
  expect(stderr).toMatch(/^200 URLs in /);
});

test('fetchmany report --html makes a page of the records before an error', async () => {
  const broken = file(`${JSON.stringify(records[0])}\nnonsense\n${JSON.stringify(records[1])}\n`, '.jsonl');
  const page = path('.html');
  const { code, stderr } = await runCli(['report', broken, '--html', page, '-q']);
  expect(code).toBe(3);
  expect(stderr).toContain('line 2');
  expect(readFileSync(page, 'utf8')).toContain('1 request to 1 host');
});

test('fetchmany report --html replaces a page only with --overwrite', async () => {
  const page = file('mine', '.html');
  const refused = await runCli(['report', recorded, '--html', page]);
  expect([refused.code, refused.stdout]).toEqual([4, '']);
  expect(refused.stderr).toContain('it already exists; add --overwrite to replace it');
  expect(readFileSync(page, 'utf8')).toBe('mine');
  expect((await runCli(['report', recorded, '--html', page, '--overwrite'])).code).toBe(0);
  expect(readFileSync(page, 'utf8')).toMatch(/^<!doctype html>/);
});

test.each([
  [['--html', join(directory, 'no', 'page.html')], 4, 'its directory does not exist'],
  [['--html', directory], 4, 'it is a directory; name a file'],
  [['--html', recorded, '--overwrite'], 2, '--html "'],
  [['--html', '-', '-j'], 2, 'the records and the page cannot both go to "-"'],
  [['--html', 'same.csv', '-o', 'same.csv'], 2, 'the records and the page cannot both go to "same.csv"'],
])('fetchmany report %j is refused', async (args, expected, message) => {
  const before = readFileSync(recorded);
  const { code, stdout, stderr } = await runCli(['report', recorded, ...args]);
  expect([code, stdout]).toEqual([expected, '']);
  expect(stderr).toContain(message);
  expect(readFileSync(recorded)).toEqual(before);
});

test('writeReportHtml() rejects before it reads a record if it cannot write', async () => {
  let isRead = false;
  async function* watched(): AsyncGenerator<ResultRecord> {
    isRead = true;
    yield* records;
  }
  const page = path('.html');
  writeFileSync(page, 'mine');
  await expect(writeReportHtml(watched(), page, { name: 'x' })).rejects.toThrow(OutputError);
  expect(isRead).toBe(false);
});

test('writeReportHtml() writes no page when reading the records fails', async () => {
  async function* broken(): AsyncGenerator<ResultRecord> {
    yield* few();
    throw new Error('torn');
  }
  const page = path('.html');
  await expect(writeReportHtml(broken(), page, { name: 'x' })).rejects.toThrow('torn');
  expect(existsSync(page)).toBe(false);
});
