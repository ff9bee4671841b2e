import { createHash, randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { inLanes } from '../../helpers/in-lanes.ts';
import { runCli, shellCli, startCli } from '../../helpers/process/cli.ts';
import { ended, runShell } from '../../helpers/process/module.ts';
import { hasStrace } from '../../helpers/process/tools.ts';
import { held, respond, serve, type Reply } from '../../helpers/servers/serve.ts';
import { readRecordLines } from '../../helpers/read-record-lines.ts';
import { temporary } from '../../helpers/temporary.ts';

const { path, file } = temporary('save');
const canTrace = hasStrace();

const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');
const html = (body: string | Uint8Array): Reply => respond(200, { 'content-type': 'text/html' }, body);
const echo: Reply = (response, { path: on }) => html(`body of ${on}`)(response, {} as never);

/** Files below a folder, without those of our own, by their relative path. */
function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .filter((name) => !name.startsWith('.fetchmany/'))
    .sort();
}

type Fields = Readonly<Record<string, unknown>>;
const recordsIn = (output: string): Fields[] => readRecordLines(readFileSync(output, 'utf8'));
const partOf = (folder: string, url: string): string =>
  join(folder, '.fetchmany', `${sha256(`GET\n${url}\n`).slice(0, 32)}.part`);

/** Sends 200,000 of 300,000 bytes once, then answers with what is asked for. */
function interrupted(body: Buffer, { first }: { readonly first: (response: Parameters<Reply>[0]) => void }): Reply {
  let count = 0;
  return (response, { headers }) => {
    count += 1;
    const start = Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0);
    const range = `bytes ${start}-${body.length - 1}/${body.length}`;
    response.writeHead(start > 0 ? 206 : 200, {
      etag: '"1"',
      'content-length': body.length - start,
      ...(start > 0 && { 'content-range': range }),
    });
    if (count > 1) response.end(body.subarray(start));
    else first(response);
  };
}

describe('--save', () => {
  test('saves what is ok, and records file, checksum, media type and validators', async () => {
    const modified = 'Tue, 03 Nov 2026 10:00:00 GMT';
    await using server = await serve({
      '/a/page': respond(
        200,
        { 'content-type': 'text/html; charset=utf-8', etag: '"x"', 'last-modified': modified },
        'hello',
      ),
      '/zipped.txt': respond(200, { 'content-encoding': 'gzip' }, gzipSync('plain text')),
      '/missing': respond(404, {}, 'nothing here'),
      '/empty.txt': respond(200),
    });
    const folder = path();
    const urls = ['/a/page', '/zipped.txt', '/missing', '/empty.txt'].map((on) => server.url + on);
    const { code, stdout, stderr } = await runCli([...urls, '--save', folder, '-j', '-q', '--remote-time']);
    expect([code, stderr]).toEqual([1, '']);
    const host = new URL(server.url).host.replace(':', '+');
    const [page, zipped, missing, empty] = readRecordLines(stdout);
    expect(page).toMatchObject({
      file: `${host}/a/page.html`,
      sha256: sha256('hello'),
      mediaType: 'text/html',
      etag: '"x"',
      lastModified: modified,
    });
    expect(zipped).toMatchObject({ file: `${host}/zipped.txt`, sha256: sha256('plain text'), length: 10 });
    expect(missing).not.toHaveProperty('file');
    expect(empty).toMatchObject({ file: `${host}/empty.txt`, length: 0 });
    expect(filesIn(folder)).toEqual(['a/page.html', 'empty.txt', 'zipped.txt'].map((name) => `${host}/${name}`));
    expect(readFileSync(join(folder, `${host}/zipped.txt`), 'utf8')).toBe('plain text');
    expect(statSync(join(folder, `${host}/a/page.html`)).mtime.toUTCString()).toBe(modified);
    expect(statSync(join(folder, `${host}/a/page.html`)).mode & 0o111).toBe(0);
    expect(existsSync(join(folder, '.fetchmany'))).toBe(false);
  });

  test('keeps other statuses with --save-statuses, and coded bytes with --save-raw', async () => {
    const coded = gzipSync('plain text');
    await using server = await serve({
      '/missing': respond(404, { 'content-type': 'text/plain' }, 'nothing here'),
      '/zipped.txt': respond(200, { 'content-encoding': 'gzip' }, coded),
      '/archive.gz': respond(200, { 'content-type': 'application/gzip' }, coded),
    });
    const folder = path();
    const output = path('.jsonl');
    const urls = ['/missing', '/zipped.txt', '/archive.gz'].map((on) => server.url + on);
    const args = [
      ...urls,
      '--save',
      folder,
      '--save-as',
      '{path}',
      '--save-statuses',
      'all',
      '--save-raw',
      '-o',
      output,
      '-q',
    ];
    await runCli(args);
    expect(filesIn(folder)).toEqual(['archive.gz', 'missing.txt', 'zipped.txt.gz']);
    expect(readFileSync(join(folder, 'zipped.txt.gz')).equals(coded)).toBe(true);
    const asked = server.requests.length;
    expect((await runCli([...args, '--resume', '--verify'])).code).toBe(1);
    expect(server.requests.length).toBe(asked);
  });

  test('gives 9 URLs with two last segments 9 files', async () => {
    await using server = await serve(echo);
    const folder = path();
    const urls = Array.from({ length: 9 }, (_, at) => `${server.url}/${at}/${at % 2 ? 'odd' : 'even'}.html`);
    const { stdout } = await runCli([...urls, '--save', folder, '--save-as', '{name}', '-j', '-q']);
    expect(filesIn(folder)).toHaveLength(9);
    for (const { file: name, url } of readRecordLines(stdout)) {
      expect(readFileSync(join(folder, String(name)), 'utf8')).toBe(`body of ${new URL(String(url)).pathname}`);
    }
  });

  test('gives equal URLs one file if their bytes are equal, else one each', async () => {
    await using server = await serve({ '/same.html': html('same'), '/other.html': [html('one'), html('two')] });
    const folder = path();
    const urls = ['/same.html', '/same.html', '/other.html', '/other.html'].map((on) => server.url + on);
    const { stdout } = await runCli([...urls, '--save', folder, '--save-as', '{path}', '-j', '-q', '-c', '1']);
    expect(filesIn(folder)).toEqual(['other.html', 'other~3.html', 'same.html'].sort());
    expect(readRecordLines(stdout).map(({ file: name, deduplicated }) => [name, deduplicated])).toEqual([
      ['same.html', undefined],
      ['same.html', true],
      ['other.html', undefined],
      ['other~3.html', undefined],
    ]);
  });

  test('keeps hostile names inside the folder', async () => {
    const dispositions = [
      '../../x',
      '/etc/passwd',
      'C:\\x',
      '..\\..\\x',
      '.bashrc',
      '..%2f..%2fx',
      '..',
      '',
      'a\u0000b',
      'CON',
    ];
    await using server = await serve((response, { path: on }) => {
      const at = Number(/disposition(\d+)/.exec(on)?.[1] ?? -1);
      const name = dispositions[at];
      const header =
        name === undefined ? {} : { 'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(name)}` };
      respond(200, header, on)(response, {} as never);
    });
    const parent = path();
    mkdirSync(parent);
    const folder = join(parent, 'pages');
    const urls = [...hostilePaths, ...dispositions.map((_, at) => `/disposition${at}`)].map((on) => server.url + on);
    expect(urls.length).toBeGreaterThan(60);
    for (const template of [
      '{host}/{path}',
      '{dir}/{name}{ext}',
      '{disposition}',
      '{query}/{name}',
      '../{path}',
      '/{path}',
    ]) {
      const { code, stdout } = await runCli([
        '-i',
        file(urls.join('\n')),
        '--save',
        folder,
        '--save-as',
        template,
        '-j',
        '-q',
      ]);
      const records = readRecordLines(stdout);
      expect([template, code, records.length]).toEqual([template, 0, urls.length]);
      expect(readdirSync(parent)).toEqual(['pages']);
      const names = records.map(({ file: name }) => String(name));
      expect(new Set(names.map((name) => name.toLowerCase().normalize('NFC'))).size).toBe(urls.length);
      for (const name of names) {
        expect(name.split('/').filter((segment) => !isSafe(segment))).toEqual([]);
        expect(existsSync(join(folder, name))).toBe(true);
      }
      rmSync(folder, { recursive: true });
    }
  }, 60_000);

  test('names files by columns of a table, and by lines of a list', async () => {
    await using server = await serve(echo);
    const folder = path();
    const rows = [`/1.html,first`, `/2.html,../../x`, `/3.html,`, `/4.html,a/b`].map((row) => server.url + row);
    const table = file(`url,title\n${rows.join('\n')}\n`, '.csv');
    const args = ['-i', table, '--save', folder, '--save-as', '{line}/{title}{ext}', '-j', '-q', '--mode', 'gather'];
    const { code, stdout } = await runCli([...args, '--save-existing', 'skip']);
    const names = readRecordLines(stdout).map(({ file: name }) => String(name).replace(/~[0-9a-f]{8}/, '~h'));
    expect([code, names]).toEqual([0, ['2/first.html', '3/_._.._x~h.html', '4/_.html', '5/a_b~h.html']]);
    expect(filesIn(folder)).toHaveLength(4);
    const again = readRecordLines((await runCli([...args, '--save-existing', 'skip'])).stdout);
    expect(again.map(({ attempts }) => attempts)).toEqual([0, 0, 0, 0]);

    const list = file(`# a comment\n${server.url}/5.html\n\n${server.url}/6.html\n`);
    const lines = await runCli([
      '-i',
      list,
      '--save',
      folder,
      '--save-as',
      '{line:03}',
      '-j',
      '-q',
      '--mode',
      'gather',
    ]);
    expect(readRecordLines(lines.stdout).map(({ file: name }) => name)).toEqual(['002', '004']);
  });

  test.each([
    ['csv', (url: string) => `url,nope\n${url},x\n`, ['--keep', 'url'], /--save-as: .*\{nope\}.*\{host\}.*\{url\}$/m],
    ['txt', (url: string) => `${url}\n`, [], /\{nope\}.*\{disposition\}$/m],
  ])('refuses a name by a column that a list of %s does not carry', async (extension, list, more, message) => {
    await using server = await serve(echo);
    const folder = path();
    const input = file(list(server.url), `.${extension}`);
    const { code, stderr } = await runCli(['-i', input, '--save', folder, '--save-as', '{nope}', '-q', ...more]);
    expect([code, stderr]).toEqual([2, expect.stringMatching(message)]);
    expect([server.requests.length, filesIn(folder)]).toEqual([0, []]);
  });

  test('never follows a symbolic link out of the folder, nor replaces a folder by a file', async () => {
    await using server = await serve(echo);
    const folder = path();
    const outside = path();
    mkdirSync(join(folder, 'taken.html'), { recursive: true });
    mkdirSync(outside);
    symlinkSync(outside, join(folder, 'link'));
    writeFileSync(join(folder, 'file'), 'mine');
    const urls = ['/link/a.html', '/taken.html', '/file/b.html', '/fine.html'].map((on) => server.url + on);
    const { code, stdout } = await runCli([...urls, '--save', folder, '--save-as', '{path}', '-j', '-q']);
    expect(code).toBe(1);
    expect(
      readRecordLines(stdout).map(({ error, file: name }) => (error as Fields | undefined)?.['code'] ?? name),
    ).toEqual(['FILE_IO', 'FILE_IO', 'FILE_IO', 'fine.html']);
    expect(readdirSync(outside)).toEqual([]);
    expect(readFileSync(join(folder, 'file'), 'utf8')).toBe('mine');
  });

  test('obeys --save-existing', async () => {
    await using server = await serve((response, seen) => html(`new ${seen.path}`)(response, seen));
    const folder = path();
    mkdirSync(folder);
    const run = (what: string): ReturnType<typeof runCli> =>
      runCli([
        `${server.url}/a.html`,
        `${server.url}/b`,
        '--save',
        folder,
        '--save-as',
        '{path}',
        '--save-existing',
        what,
        '-j',
        '-q',
      ]);
    const old = (): void => ['a.html', 'b.html'].forEach((name) => writeFileSync(join(folder, name), 'old'));
    const contents = (): string[] => ['a.html', 'b.html'].map((name) => readFileSync(join(folder, name), 'utf8'));

    old();
    const skipped = readRecordLines((await run('skip')).stdout);
    expect(skipped[0]).toMatchObject({
      kind: 'response',
      ok: true,
      status: 304,
      attempts: 0,
      length: 3,
      unchanged: true,
      file: 'a.html',
    });
    expect(skipped[0]).not.toHaveProperty('at');
    // The name of /b depends on the media type of its response.
    expect(skipped[1]).toMatchObject({ status: 200, attempts: 1, length: 3, unchanged: true, file: 'b.html' });
    expect(server.paths).toEqual(['/b']);
    expect(contents()).toEqual(['old', 'old']);

    const failed = await run('fail');
    expect(failed.code).toBe(1);
    expect(readRecordLines(failed.stdout).map(({ error }) => (error as Fields)['code'])).toEqual([
      'FILE_IO',
      'FILE_IO',
    ]);
    expect(contents()).toEqual(['old', 'old']);

    expect((await run('replace')).code).toBe(0);
    expect(contents()).toEqual(['new /a.html', 'new /b']);
  });

  test('refuses a second process in the same folder', async () => {
    const reply = held(html('x'));
    await using server = await serve(reply);
    const folder = path();
    const first = startCli([server.url, '--save', folder, '-q']);
    await server.seen(1);
    const { code, stderr } = await runCli([server.url, '--save', folder, '-q']);
    expect([code, stderr]).toEqual([4, expect.stringContaining(folder)]);
    reply.release();
    expect((await ended(first)).code).toBe(0);
  });

  test('leaves a part but no file of a body that is cut, and the next run continues it', async () => {
    const body = randomBytes(300_000);
    const cut = (response: Parameters<Reply>[0]): void =>
      void response.write(body.subarray(0, 200_000), () => response.destroy());
    await using server = await serve(interrupted(body, { first: cut }));
    const folder = path();
    const args = [`${server.url}/f.bin`, '--save', folder, '--save-as', '{path}', '-j', '-q', '--retries', '0'];
    const first = await runCli(args);
    expect(readRecordLines(first.stdout)[0]).toMatchObject({ kind: 'failure', error: { code: 'BODY_TRUNCATED' } });
    expect(filesIn(folder)).toEqual([]);
    const size = statSync(partOf(folder, `${server.url}/f.bin`)).size;
    const second = await runCli(args);
    expect(server.requests[1]!.headers).toMatchObject({ range: `bytes=${size - 65_536}-`, 'if-range': '"1"' });
    expect(readRecordLines(second.stdout)[0]).toMatchObject({
      status: 200,
      length: 300_000,
      sha256: sha256(body),
      resumedFrom: size - 65_536,
    });
    expect(readFileSync(join(folder, 'f.bin')).equals(body)).toBe(true);
    expect(existsSync(join(folder, '.fetchmany'))).toBe(false);
  });
});

describe('--save --resume', () => {
  test('continues a body in the middle of which the process was killed', async () => {
    const body = randomBytes(300_000);
    await using server = await serve(
      interrupted(body, { first: (response) => void response.write(body.subarray(0, 200_000)) }),
    );
    const [folder, output] = [path(), path('.jsonl')];
    const url = `${server.url}/f.bin`;
    const args = [url, '--save', folder, '--save-as', '{path}', '-o', output, '-q', '--resume'];
    const child = startCli(args);
    await expect
      .poll(() => statSync(partOf(folder, url), { throwIfNoEntry: false })?.size ?? 0, { timeout: 10_000 })
      .toBeGreaterThan(100_000);
    child.kill('SIGKILL');
    await ended(child);
    expect((await runCli(args)).code).toBe(0);
    expect(server.requests.map(({ headers }) => headers.range !== undefined)).toEqual([false, true]);
    expect(recordsIn(output)).toMatchObject([{ file: 'f.bin', sha256: sha256(body), length: 300_000 }]);
    expect(readFileSync(join(folder, 'f.bin')).equals(body)).toBe(true);
  });

  test('fetches again what is gone or shorter; with --verify also what has other bytes; each under its old name', async () => {
    await using server = await serve(echo);
    const [folder, output] = [path(), path('.jsonl')];
    const urls = ['/gone.html', '/short.html', '/wrong.html', '/fine.html'].map((on) => server.url + on);
    const args = [
      '-i',
      file(urls.join('\n')),
      '--save',
      folder,
      '--save-as',
      '{index}-{name}{ext}',
      '-o',
      output,
      '-q',
      '--resume',
    ];
    await runCli(args);
    const names = filesIn(folder);
    expect(names).toEqual(['0-gone.html', '1-short.html', '2-wrong.html', '3-fine.html']);
    const before = server.paths.length;
    rmSync(join(folder, '0-gone.html'));
    writeFileSync(join(folder, '1-short.html'), 'body');
    writeFileSync(join(folder, '2-wrong.html'), 'BODY of /wrong.html');
    expect((await runCli(args)).code).toBe(0);
    expect(server.paths.slice(before).sort()).toEqual(['/gone.html', '/short.html']);
    expect((await runCli([...args, '--verify'])).code).toBe(0);
    expect(server.paths.slice(before + 2)).toEqual(['/wrong.html']);
    expect(filesIn(folder)).toEqual(names);
    for (const name of names) expect(readFileSync(join(folder, name), 'utf8')).toBe(`body of /${name.slice(2)}`);
  });

  // strace counts each call by itself.
  test.skipIf(!canTrace)(
    'survives a kill at each step of a body: no torn file, no record without its file',
    { timeout: 120_000 },
    async () => {
      const kills: (readonly [call: string, at: number])[] = [];
      const calls = ['openat', 'write', 'rename', 'unlink', 'fsync', 'pwritev'];
      const places = process.env['STRACE_ALL'] === undefined ? [1, 3] : [1, 2, 3, 4, 5, 6];
      const steps = calls.flatMap((call) => places.map((at) => [call, at] as const));
      await inLanes(steps, async ([call, at]) => {
        await using server = await serve((response, seen) =>
          html(seen.path.repeat(seen.path === '/3.html' ? 20_000 : 10))(response, seen),
        );
        const urls = [1, 2, 3, 4].map((name) => `${server.url}/${name}.html`);
        const [folder, output] = [path(), path('.jsonl')];
        const args = [
          ...urls,
          '--save',
          folder,
          '--save-as',
          '{path}',
          '-o',
          output,
          '-q',
          '--resume',
          '-c',
          '1',
          '--fsync',
          'record',
        ];
        const paths = urls.map((url) => `-P ${partOf(folder, url)}`).join(' ');
        const inject = `-e trace=${call} -e inject=${call}:signal=SIGKILL:when=${at}`;
        const { code } = await runShell(
          `UV_THREADPOOL_SIZE=1 strace -f -qq -o /dev/null ${paths} ${inject} ${shellCli} ${args.join(' ')}`,
        );
        if (code !== 0) kills.push([call, at]);
        const isWhole = (name: string): boolean =>
          readFileSync(join(folder, name), 'utf8') === `/${name}`.repeat(name === '3.html' ? 20_000 : 10);
        if (existsSync(folder))
          expect([call, at, filesIn(folder).filter((name) => !isWhole(name))]).toEqual([call, at, []]);
        if (existsSync(output)) {
          const lines = readFileSync(output, 'utf8').split('\n').slice(0, -1);
          for (const line of lines)
            expect(existsSync(join(folder, String((JSON.parse(line) as Fields)['file'])))).toBe(true);
        }
        expect([call, at, (await runCli(args)).stderr]).toEqual([call, at, '']);
        expect(recordsIn(output).map(({ index }) => index)).toEqual([0, 1, 2, 3]);
        expect(filesIn(folder)).toEqual(['1.html', '2.html', '3.html', '4.html']);
        expect(filesIn(folder).every(isWhole)).toBe(true);
        expect(existsSync(join(folder, '.fetchmany'))).toBe(false);
      });
      expect(new Set(kills.map(([call]) => call)).size).toBeGreaterThanOrEqual(4);
    },
  );

  test.skipIf(!canTrace)('replaces a file whose record was lost in a kill', async () => {
    await using server = await serve([html('old'), html('new')]);
    const [folder, output] = [path(), path('.jsonl')];
    const url = `${server.url}/f.html`;
    const args = [url, '--save', folder, '--save-as', '{path}', '-o', output, '-q', '--resume'];
    const inject = `-P ${output} -e trace=write,pwrite64 -e inject=write,pwrite64:signal=SIGKILL`;
    const killed = await runShell(`strace -f -qq -o /dev/null ${inject} ${shellCli} ${args.join(' ')}`);
    expect([killed.code === 0, readFileSync(output, 'utf8')]).toEqual([false, '']);
    expect(readFileSync(join(folder, 'f.html'), 'utf8')).toBe('old');
    expect((await runCli(args)).code).toBe(0);
    expect(recordsIn(output)).toMatchObject([{ file: 'f.html', sha256: sha256('new') }]);
    expect(filesIn(folder)).toEqual(['f.html']);
    expect(readFileSync(join(folder, 'f.html'), 'utf8')).toBe('new');
  });

  test.skipIf(!canTrace).each(['ENOSPC', 'EDQUOT'])(
    '%s ends the run with exit 4 and the command that resumes it',
    async (error) => {
      await using server = await serve((response, seen) => html(seen.path.repeat(10))(response, seen));
      const urls = [1, 2, 3].map((name) => `${server.url}/${name}.html`);
      const [folder, output] = [path(), path('.jsonl')];
      const args = [
        ...urls,
        '--save',
        folder,
        '--save-as',
        '{path}',
        '-o',
        output,
        '--mode',
        'sequential',
        '--no-progress',
      ];
      const inject = `-P ${partOf(folder, urls[1]!)} -e trace=write,pwrite64 -e inject=write,pwrite64:error=${error}`;
      const { code, stderr } = await runShell(`strace -f -qq -o /dev/null ${inject} ${shellCli} ${args.join(' ')}`);
      expect(code).toBe(4);
      expect(stderr).toContain('no disk space left to save bodies (DISK_FULL)');
      expect(stderr).toContain(' --resume ');
      expect(filesIn(folder)).toEqual(['1.html']);
      expect((await runCli([...args, '--resume', '-q'])).code).toBe(0);
      expect(filesIn(folder)).toEqual(['1.html', '2.html', '3.html']);
      expect(server.paths).toEqual(['/1.html', '/2.html', '/2.html', '/3.html']);
    },
  );

  test.skipIf(!canTrace)('EIO fails one request and no other', async () => {
    await using server = await serve(echo);
    const urls = [1, 2, 3].map((name) => `${server.url}/${name}.html`);
    const folder = path();
    const args = [...urls, '--save', folder, '--save-as', '{path}', '-j', '-q'];
    const inject = `-P ${partOf(folder, urls[1]!)} -e trace=write,rename -e inject=write,rename:error=EIO`;
    const { code, stdout } = await runShell(`strace -f -qq -o /dev/null ${inject} ${shellCli} ${args.join(' ')}`);
    expect(code).toBe(1);
    expect(readRecordLines(stdout).map(({ ok, error }) => (ok ? 'ok' : (error as Fields)['code']))).toEqual([
      'ok',
      'FILE_IO',
      'ok',
    ]);
    expect(filesIn(folder)).toEqual(['1.html', '3.html']);
  });
});

describe('--include-body', () => {
  const number = '{"id":12345678901234567890,\r\n"a":1.0,"a":2}';
  const script = {
    '/json': respond(200, { 'content-type': 'application/json' }, number),
    '/broken': respond(200, { 'content-type': 'application/json' }, '{"a":'),
    '/latin': respond(200, { 'content-type': 'text/plain; charset=windows-1252' }, Uint8Array.of(0x80)),
    '/png': respond(200, { 'content-type': 'image/png' }, Uint8Array.of(0x89, 0x50)),
    '/empty': respond(200, { 'content-type': 'image/png' }),
    '/large': respond(200, { 'content-type': 'text/plain' }, 'x'.repeat(1_000_001)),
  };

  test('puts bodies into records to the letter, and report reads them back unchanged', async () => {
    await using server = await serve(script);
    const output = path('.jsonl');
    const urls = Object.keys(script).map((on) => server.url + on);
    expect((await runCli([...urls, '--include-body', '-o', output, '-q', '--mode', 'gather'])).code).toBe(0);
    const text = readFileSync(output, 'utf8');
    expect(text).toContain('"bodyEncoding":"json","body":{"id":12345678901234567890,  "a":1.0,"a":2}}\n');
    const [, broken, latin, png, empty, large] = readRecordLines(text);
    expect(broken).toMatchObject({ bodyEncoding: 'text', body: '{"a":' });
    expect(latin).toMatchObject({ bodyEncoding: 'text', body: '€' });
    expect(png).toMatchObject({ bodyEncoding: 'base64', body: 'iVA=' });
    expect(empty).toMatchObject({ body: '' });
    expect(large).toMatchObject({ bodyOmitted: 'size', length: 1_000_001 });
    expect(large).not.toHaveProperty('body');
    expect((await runCli(['report', output, '--format', 'jsonl'])).stdout).toBe(text);
    const json = await runCli(['report', output, '--format', 'json']);
    expect(json.stdout).toContain('"body":{"id":12345678901234567890,  "a":1.0,"a":2}}');
    expect(JSON.parse(json.stdout)).toEqual(readRecordLines(text));
  });

  test('obeys its kind and --body-limit, also together with --save', async () => {
    await using server = await serve(script);
    const folder = path();
    const urls = ['/json', '/large'].map((on) => server.url + on);
    const args = ['--include-body=base64', '--body-limit', '50B', '--save', folder, '-j', '-q'];
    const [json, large] = readRecordLines((await runCli([...urls, ...args])).stdout);
    expect(json).toMatchObject({
      bodyEncoding: 'base64',
      body: Buffer.from(number).toString('base64'),
      sha256: sha256(number),
    });
    expect(large).toMatchObject({ bodyOmitted: 'size', sha256: sha256('x'.repeat(1_000_001)) });
    expect(filesIn(folder)).toHaveLength(2);
  });
});

describe('--if-changed', () => {
  /** Answers with an ETag of its content, and with 304 to a request that has it. */
  function versioned(contents: Record<string, string>): Reply {
    return (response, { path: on, headers }) => {
      const body = contents[on]!;
      const etag = on === '/plain.html' ? undefined : `W/"${sha256(body).slice(0, 8)}"`;
      if (etag !== undefined && headers['if-none-match'] === etag) respond(304, { etag })(response, {} as never);
      else respond(200, { ...(etag && { etag }), 'content-type': 'text/html' }, body)(response, {} as never);
    };
  }

  test('asks with the validators of the earlier run, and carries its fields on through any number of runs', async () => {
    const contents = { '/same.html': 'same', '/new.html': 'old', '/gone.html': 'gone', '/plain.html': 'plain' };
    await using server = await serve((response, seen) => versioned(contents)(response, seen));
    const folder = path();
    const urls = Object.keys(contents).map((on) => server.url + on);
    const outputs = [path('.jsonl'), path('.jsonl'), path('.jsonl')];
    const run = (at: number): ReturnType<typeof runCli> =>
      runCli([
        ...urls,
        '--save',
        folder,
        '--save-as',
        '{path}',
        '-o',
        outputs[at]!,
        '-q',
        ...(at > 0 ? ['--if-changed', outputs[at - 1]!] : []),
      ]);
    await run(0);
    contents['/new.html'] = 'newer';
    rmSync(join(folder, 'gone.html'));
    const asked = server.requests.length;
    expect((await run(1)).code).toBe(0);
    const conditions = Object.fromEntries(
      server.requests.slice(asked).map(({ path: on, headers }) => [on, headers['if-none-match'] !== undefined]),
    );
    expect(conditions).toEqual({ '/same.html': true, '/new.html': true, '/gone.html': false, '/plain.html': false });
    const fields = (name: string, body: string): object => ({
      file: name,
      sha256: sha256(body),
      length: body.length,
      mediaType: 'text/html',
    });
    expect(recordsIn(outputs[1]!)).toMatchObject([
      { status: 304, unchanged: true, ...fields('same.html', 'same') },
      { status: 200, ...fields('new.html', 'newer') },
      { status: 200, unchanged: true, ...fields('gone.html', 'gone') },
      { status: 200, unchanged: true, ...fields('plain.html', 'plain') },
    ]);
    expect(recordsIn(outputs[1]!)[1]).not.toHaveProperty('unchanged');
    expect(filesIn(folder)).toEqual(['gone.html', 'new.html', 'plain.html', 'same.html']);
    expect((await run(2)).code).toBe(0);
    expect(recordsIn(outputs[2]!)).toMatchObject([
      { status: 304, unchanged: true, ...fields('same.html', 'same') },
      { status: 304, unchanged: true, ...fields('new.html', 'newer') },
      { status: 304, unchanged: true, ...fields('gone.html', 'gone') },
      { status: 200, unchanged: true, ...fields('plain.html', 'plain') },
    ]);
  });

  test('asks on the hop that sent the body, and a 304 is ok whatever is expected', async () => {
    await using target = await serve(versioned({ '/t.html': 'target' }));
    await using server = await serve(respond(302, { location: `${target.url}/t.html` }));
    const [first, second] = [path('.jsonl'), path('.jsonl')];
    await runCli([server.url, '-o', first, '-q']);
    expect((await runCli([server.url, '-o', second, '-q', '--if-changed', first, '--expect', '200'])).code).toBe(0);
    expect(server.requests.map(({ headers }) => headers['if-none-match'])).toEqual([undefined, undefined]);
    expect(recordsIn(second)).toMatchObject([{ ok: true, status: 304, unchanged: true, length: 6, redirects: 1 }]);
  });
});

test.each([
  [['-o', 'page.html'], /^fetchmany: -o writes records.*--save/],
  [['--save-as', '{path}'], /--save-as needs --save/],
  [['--save', 'x', '--save-as', '{nope}'], /\{nope\}.*\{host\}/],
  [['--save', 'x', '--verify'], /--verify needs --resume/],
  [['--body-limit', '1KB'], /--body-limit needs --include-body/],
  [['--save', 'http://127.0.0.1:1/x'], /--save needs a directory before the URL/],
  [['--include-body', '--format', 'csv'], /--include-body needs --format jsonl or json/],
  [['--include-body=xml', '-j'], /--include-body must be one of/],
  [['--if-changed', 'x', '--save', 'x', '--save-existing', 'skip'], /--if-changed replaces/],
])('%j is refused', async (args, message) => {
  const cwd = dirname(file(''));
  const { code, stderr } = await runCli(['http://127.0.0.1:1/', ...args], { cwd });
  expect([code, stderr]).toEqual([2, expect.stringMatching(message)]);
  expect(existsSync(join(cwd, 'page.html')) || existsSync(join(cwd, 'x'))).toBe(false);
});

function isSafe(segment: string): boolean {
  const isDevice = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(\.|$)/i.test(segment);
  // oxlint-disable-next-line no-control-regex -- control characters are what this looks for
  const hasUnsafe = /[<>:"\\|?*\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e]/.test(segment);
  return segment !== '' && !isDevice && !hasUnsafe && !/^[.-]|[. ]$/.test(segment) && Buffer.byteLength(segment) <= 255;
}

const hostilePaths = [
  '/..%2f..%2fetc%2fpasswd',
  '/%2e%2e/%2e%2e/x',
  '/..%5c..%5cx',
  '/a/..%2f../b',
  '/%2fetc%2fpasswd',
  '//etc/passwd',
  '/CON',
  '/con.txt',
  '/aux.txt',
  '/NUL.tar.gz',
  '/nul',
  '/COM1',
  '/COM%C2%B9.log',
  '/LPT9.html',
  '/CONIN$',
  '/PRN/x.html',
  '/.htaccess',
  '/.fetchmany/folder.lock',
  '/.git/config',
  '/...',
  '/-rf',
  '/--help',
  '/a%00b',
  '/a%0Ab',
  '/a%0D%0Ab',
  '/a%1B[2J',
  '/a%7Fb',
  '/a%C2%85b',
  '/a%E2%80%AEgpj.exe',
  '/a%E2%80%8Bb',
  '/a%EF%BB%BFb',
  '/a%FFb',
  '/a%ED%A0%80b',
  '/trailing.',
  '/trailing%20',
  '/trailing.%20.',
  '/%20',
  '/a%3Ab',
  '/a%3Cb%3E',
  '/a%7Cb',
  '/a%22b',
  '/a*b',
  '/a%3Fb',
  `/${'x'.repeat(300)}`,
  `/${'%E6%97%A5'.repeat(120)}.html`,
  `/${'%F0%9F%98%80'.repeat(100)}`,
  '/caf%C3%A9.txt',
  '/cafe%CC%81.txt',
  '/A.html',
  '/a.html',
  '/%C3%9F.txt',
  '/ss.txt',
  '/page?id=1',
  '/page?id=2',
  '/page?id=../../x',
  '/?../../x',
  '/x/?q=%00',
  '/a',
  '/a/b',
  '/a/b/c',
  '/index',
  '/',
  '/index.html',
  '/dir/',
  '/dir',
  '/~user/x',
  '/$(id)',
  '/`id`',
  "/';rm%20-rf%20x",
];
