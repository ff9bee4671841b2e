import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readRecordLines } from '../../helpers/read-record-lines.ts';
import { readWarc } from '../../helpers/read-warc.ts';
import { runCli, shellCli, startCli } from '../../helpers/process/cli.ts';
import { ended, runShell } from '../../helpers/process/module.ts';
import { hasStrace } from '../../helpers/process/tools.ts';
import { respond, serve, type Reply } from '../../helpers/servers/serve.ts';
import { temporary } from '../../helpers/temporary.ts';

const { path } = temporary('warc-command');
const canTrace = hasStrace();
const echo: Reply = (response, { path: on }) => respond(200, {}, `body of ${on}`)(response, {} as never);

describe('--warc', () => {
  test('archives every exchange, and each record tells where its response is', async () => {
    await using server = await serve(echo);
    const warc = path('.warc.gz');
    const urls = [1, 2, 3].map((name) => `${server.url}/${name}`);
    const { code, stdout, stderr } = await runCli([...urls, '--warc', warc, '-j', '-q']);
    expect([code, stderr]).toEqual([0, '']);
    const archived = await readWarc(warc);
    expect(archived.map(({ type }) => type).sort()).toEqual([
      'request',
      'request',
      'request',
      'response',
      'response',
      'response',
      'warcinfo',
    ]);
    for (const { url, warc: place } of readRecordLines(stdout)) {
      expect(place).toMatchObject({ file: basename(warc) });
      const response = archived.find(({ offset }) => offset === (place as { offset: number }).offset)!;
      expect([response.target, response.text]).toEqual([url, `body of ${new URL(String(url)).pathname}`]);
    }
    expect(statSync(warc).mode & 0o077).toBe(0);
    expect(existsSync(`${warc}.lock`)).toBe(false);
    const again = await runCli([urls[0]!, '--warc', warc, '-q']);
    expect([again.code, again.stderr]).toEqual([4, expect.stringContaining('--overwrite')]);
  });

  test(
    'goes on after a kill, without a torn record and without a record that is not there',
    { timeout: 60_000 },
    async () => {
      const long = randomBytes(20_000_000);
      await using server = await serve({ '/1': echo, '/2': respond(200, {}, long), '/3': echo });
      const [warc, output] = [path('.warc.gz'), path('.jsonl')];
      const urls = [1, 2, 3].map((name) => `${server.url}/${name}`);
      const args = [...urls, '--warc', warc, '-o', output, '-q', '--resume', '--mode', 'sequential'];
      const child = startCli(args);
      await expect
        .poll(() => statSync(warc, { throwIfNoEntry: false })?.size ?? 0, { timeout: 20_000 })
        .toBeGreaterThan(100_000);
      child.kill('SIGKILL');
      await ended(child);
      expect((await runCli(args)).code).toBe(0);
      const archived = await readWarc(warc);
      const records = readRecordLines(readFileSync(output, 'utf8'));
      expect(records.map(({ url }) => url)).toEqual(urls);
      for (const { url, warc: place } of records) {
        const response = archived.find(({ offset }) => offset === (place as { offset: number }).offset)!;
        expect(response.target).toBe(url);
      }
      expect(archived.find(({ target, type }) => target === urls[1] && type === 'response')!.stored.length).toBe(
        long.length,
      );
    },
  );

  test('fetches again what the archive has lost', { timeout: 60_000 }, async () => {
    await using server = await serve(echo);
    const [warc, output] = [path('.warc.gz'), path('.jsonl')];
    const urls = [1, 2, 3].map((name) => `${server.url}/${name}`);
    const args = [...urls, '--warc', warc, '-o', output, '-q', '--mode', 'sequential'];
    await runCli(args);
    const [, second] = readRecordLines(readFileSync(output, 'utf8'));
    const { offset } = second!['warc'] as { offset: number };
    await runShell(`truncate -s ${offset + 10} '${warc}'`);
    expect((await runCli([...args, '--resume'])).code).toBe(0);
    expect(server.paths).toEqual(['/1', '/2', '/3', '/2', '/3']);
    const responses = (await readWarc(warc)).filter(({ type }) => type === 'response');
    expect(responses.map(({ target }) => target)).toEqual(urls);
  });

  test('begins another file at --warc-max-size, and a resumed run goes on in the last one', async () => {
    await using server = await serve(echo);
    const [warc, output] = [path('.warc.gz'), path('.jsonl')];
    const urls = [1, 2, 3].map((name) => `${server.url}/${name}`);
    const args = ['--warc', warc, '--warc-max-size', '1B', '-o', output, '-q', '--mode', 'sequential', '--resume'];
    expect((await runCli([...urls.slice(0, 2), ...args])).code).toBe(0);
    expect((await runCli([...urls, ...args])).code).toBe(0);
    expect(server.paths).toEqual(['/1', '/2', '/3']);
    const files = ['', '-00001', '-00002'].map((number) => warc.replace('.warc', `${number}.warc`));
    for (const [at, record] of readRecordLines(readFileSync(output, 'utf8')).entries()) {
      const { file, offset } = record['warc'] as { file: string; offset: number };
      expect(file).toBe(basename(files[at]!));
      const response = (await readWarc(files[at]!)).find((archived) => archived.offset === offset);
      expect([response?.type, response?.target]).toEqual(['response', urls[at]]);
    }
  });

  test.skipIf(!canTrace).each([
    ['ENOSPC', 'DISK_FULL'],
    ['EIO', 'FILE_IO'],
  ])('%s ends the run with exit 4, and leaves whole records only', { timeout: 60_000 }, async (error, code) => {
    await using server = await serve(echo);
    const [warc, output] = [path('.warc.gz'), path('.jsonl')];
    const urls = [1, 2, 3].map((name) => `${server.url}/${name}`);
    const args = [...urls, '--warc', warc, '-o', output, '--no-progress', '--mode', 'sequential'];
    const inject = `-P ${warc} -e trace=write,pwrite64 -e inject=write,pwrite64:error=${error}:when=4+`;
    const run = await runShell(
      `UV_THREADPOOL_SIZE=1 strace -f -qq -o /dev/null ${inject} ${shellCli} ${args.join(' ')}`,
    );
    expect(run.code).toBe(4);
    expect(run.stderr).toContain(`(${code})`);
    expect(run.stderr).toContain(' --resume ');
    const whole = await readWarc(warc);
    expect(whole.map(({ type }) => type)).toEqual(['warcinfo', 'response', 'request']);
    const records = readRecordLines(readFileSync(output, 'utf8'));
    expect(records.map(({ ok }) => ok)).toEqual([true, false]);
    expect((await runCli([...args, '--resume', '--retry-failed', '-q'])).code).toBe(0);
    const responses = (await readWarc(warc)).filter(({ type }) => type === 'response');
    expect(responses.map(({ target }) => target)).toEqual(urls);
  });
});
