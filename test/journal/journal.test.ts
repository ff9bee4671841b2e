import {
  appendFileSync,
  existsSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseRecord, type ResultRecord } from '../../src/http/record.ts';
import { createFetcher, openJournal, mockTransport, type JournalOptions, type RequestInput } from '../../src/index.ts';
import { moduleCommand, runShell } from '../helpers/process/module.ts';
import { temporary } from '../helpers/temporary.ts';

const { path, file, directory } = temporary('journal');

const list = Array.from({ length: 6 }, (_, at) => `http://host/${at}`);

/** Fetches the rest of a list, and returns the requested paths. */
async function goOn(
  target: string,
  inputs: readonly RequestInput[] = list,
  options: JournalOptions = {},
): Promise<string[]> {
  const asked: string[] = [];
  const transport = mockTransport((request) => {
    asked.push(new URL(request.url).pathname);
    return { status: request.url.includes('bad') ? 500 : 200 };
  });
  await using fetcher = createFetcher({ transport, retry: { retries: 0 } });
  await using journal = await openJournal(target, options);
  let before = '';
  for await (const { index, url } of journal.record(fetcher.asCompleted(journal.pending(inputs)))) {
    // On disk once the next one is asked for.
    expect(readFileSync(target, 'utf8')).toContain(before);
    before = `{"index":${index},"url":"${url}"`;
  }
  expect(readFileSync(target, 'utf8')).toContain(before);
  return asked.sort();
}

const records = (target: string): ResultRecord[] =>
  readFileSync(target, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => parseRecord(line)!);

const inOrder = (target: string): [number, string][] =>
  records(target)
    .map(({ index, url }): [number, string] => [index, url])
    .sort((a, b) => a[0] - b[0]);

const all = list.map((url, index): [number, string] => [index, url]);

describe('openJournal()', () => {
  test('starts afresh without a file, and makes no request when everything is done', async () => {
    const target = path();
    expect(await goOn(target)).toHaveLength(6);
    expect(inOrder(target)).toEqual(all);
    const before = readFileSync(target, 'utf8');
    expect(await goOn(target)).toEqual([]);
    expect(readFileSync(target, 'utf8')).toBe(before);
    expect(existsSync(`${target}.lock`)).toBe(false);
  });

  test('continues a list that was shortened, shuffled and extended', async () => {
    const target = path();
    await goOn(target, list.slice(0, 4));
    expect(await goOn(target, ['http://host/9', list[3]!, list[1]!, list[3]!])).toEqual(['/3', '/9']);
  });

  test('recognizes requests by method, URL, body and id, but not by password', async () => {
    const target = path();
    const inputs: RequestInput[] = [
      'http://user:secret@host/',
      new URL('http://host/x'),
      { url: 'http://host/x', method: 'post', body: 'a' },
      { url: 'http://host/x', method: 'POST', body: Buffer.from('b') },
      { url: 'http://host/x', id: '1' },
      'nonsense',
      { url: 7 as unknown as string },
    ];
    expect(await goOn(target, inputs)).toHaveLength(5);
    expect(readFileSync(target, 'utf8')).not.toContain('secret');
    expect(await goOn(target, inputs.toReversed())).toEqual([]);
    expect(
      await goOn(target, [
        { url: 'http://host/x', method: 'POST', body: 'c' },
        { url: 'http://host/x', id: '2' },
      ]),
    ).toEqual(['/x', '/x']);
  });

  test('finishes even if each of many runs adds only one record', async () => {
    const target = path();
    const inputs = Array.from({ length: 40 }, (_, at) => `http://host/${at}`);
    for (let round = 0; round < inputs.length; round += 1) {
      await using fetcher = createFetcher({ transport: mockTransport(() => ({ status: 200 })) });
      await using journal = await openJournal(target);
      let seen = 0;
      for await (const _ of journal.record(fetcher.asCompleted(journal.pending(inputs)))) {
        seen += 1;
        if (seen === 2) break;
      }
      expect(records(target)).toHaveLength(round + 1);
    }
    expect(inOrder(target)).toEqual(inputs.map((url, index): [number, string] => [index, url]));
    expect(await goOn(target, inputs)).toEqual([]);
  });

  test('gives a result again that was being handled when the process was killed', async () => {
    const target = path();
    const kept = path();
    const program = moduleCommand(`
      import { appendFileSync } from 'node:fs';
      import { createFetcher, mockTransport, openJournal } from '#src/index.ts';
      const fetcher = createFetcher({ transport: mockTransport(() => ({ status: 200 })), concurrency: 1 });
      const journal = await openJournal(${JSON.stringify(target)});
      for await (const result of journal.record(fetcher.asCompleted(journal.pending(${JSON.stringify(list)})))) {
        if (process.argv[1] === String(result.index)) process.kill(process.pid, 'SIGKILL');
        appendFileSync(${JSON.stringify(kept)}, result.url + '\\n');
      }
      await journal.close();
      await fetcher.close();`);
    for (const killedAt of [0, 2, 2, 5]) expect((await runShell(`${program} ${killedAt}`)).code).not.toBe(0);
    expect((await runShell(program)).code).toBe(0);
    expect(readFileSync(kept, 'utf8').split('\n').slice(0, -1).sort()).toEqual([...list].sort());
    expect(inOrder(target)).toEqual(all);
  });

  test('repeats requests that are not ok if asked to', async () => {
    const target = path();
    const inputs = ['http://host/bad', 'http://host/good', 'ftp://host/'];
    await goOn(target, inputs);
    expect(await goOn(target, inputs)).toEqual([]);
    expect(await goOn(target, inputs, { retryFailed: true })).toEqual(['/bad']);
    expect(
      records(target)
        .map(({ index }) => index)
        .sort((a, b) => a - b),
    ).toEqual([0, 0, 1, 2, 2]);
  });

  test('counts the requests that were done before, and those of them that were not ok', async () => {
    const target = path();
    await goOn(target, ['http://host/bad', 'http://host/good']);
    await using journal = await openJournal(target);
    const left: RequestInput[] = [];
    for await (const input of journal.pending(['http://host/new', 'http://host/bad', 'http://host/good']))
      left.push(input);
    expect([journal.done, journal.notOk, left]).toEqual([2, 1, ['http://host/new']]);
  });

  test('records the results of gather()', async () => {
    const target = path();
    await goOn(target, list.slice(2, 4));
    await using fetcher = createFetcher({ transport: mockTransport(() => ({ status: 200 })) });
    await using journal = await openJournal(target);
    const results = await fetcher.gather(journal.pending(list), { returnExceptions: true });
    const indexes: number[] = [];
    for await (const { index } of journal.record(results)) indexes.push(index);
    expect(indexes).toEqual([0, 1, 4, 5]);
    expect(records(target)).toHaveLength(6);
  });

  test('refuses a second list, since its indexes would repeat those of the first', async () => {
    await using journal = await openJournal(path());
    journal.pending(list);
    expect(() => journal.pending(list)).toThrow(
      new TypeError(
        'Cannot take a second list: a journal continues only one; join the lists, or open the journal again',
      ),
    );
  });

  test('refuses a second journal on a file while the first is open', async () => {
    const target = path();
    await using _ = await openJournal(target);
    await expect(openJournal(target)).rejects.toThrow(/process \d+ on .* is writing to it/);
  });

  test('refuses a wrong option', async () => {
    await expect(openJournal(path(), { fsync: 'always' as 'never' })).rejects.toThrow(/'fsync' must be one of never/);
  });

  test.each(['never', 'second', 'record'] as const)('with fsync %s writes the same', async (fsync) => {
    const target = path();
    await goOn(target, list, { fsync });
    expect(inOrder(target)).toEqual(all);
  });

  test('notices that its file was deleted', async () => {
    const target = path();
    const journal = await openJournal(target);
    rmSync(target);
    await expect(journal.close()).rejects.toThrow('it was deleted while it was being written');
  });
});

describe('openJournal() of a damaged file', () => {
  test('cut at every byte of its last two records: all records once in the end, one or two requests', async () => {
    const whole = path();
    await goOn(whole);
    const bytes = readFileSync(whole);
    const tail = bytes.lastIndexOf(10, bytes.lastIndexOf(10, bytes.length - 2) - 1) + 1;
    const target = path();
    for (let size = tail; size < bytes.length; size += 1) {
      writeFileSync(target, bytes.subarray(0, size));
      const asked = await goOn(target);
      expect(inOrder(target)).toEqual(all);
      expect(asked.length).toBeLessThanOrEqual(2);
    }
  });

  test('cut within its only record: a fresh start', async () => {
    for (const start of ['{', '{"ind', '{"index":0,"url":"htt', '\n{"index":0,"u', '']) {
      const target = file(start);
      await goOn(target);
      expect(inOrder(target)).toEqual(all);
    }
  });

  test('with any byte of its last record changed: refused and unchanged, or all records once', async () => {
    const whole = path();
    await goOn(whole);
    const bytes = readFileSync(whole);
    const last = bytes.lastIndexOf(10, bytes.length - 2) + 1;
    const target = path();
    let refused = 0;
    for (let at = last; at < bytes.length; at += 1) {
      const changed = Buffer.from(bytes);
      changed[at]! ^= 1 << (at % 8);
      writeFileSync(target, changed);
      try {
        await goOn(target);
      } catch (error) {
        refused += 1;
        expect((error as Error).message).toMatch(
          /^Cannot write to .*: it cannot be resumed, as line \d is not a fetchmany record/,
        );
        expect(readFileSync(target)).toEqual(changed);
        continue;
      }
      // A record may have become one of another request; every line of the list still has its own.
      expect(records(target)).not.toContain(undefined);
      const urls = records(target).map(({ url, method }) => `${method} ${url}`);
      for (const url of list) expect(urls.filter((seen) => seen === `GET ${url}`).length).toBeGreaterThanOrEqual(1);
    }
    expect(refused).toBeGreaterThan(50);
  });

  test('with garbage at its end: the garbage is cut off', async () => {
    const target = path();
    await goOn(target);
    const before = readFileSync(target);
    for (const garbage of [Buffer.alloc(5000), Buffer.from([0xff, 0xfe, 0, 1]), Buffer.from('garbage')]) {
      appendFileSync(target, garbage);
      expect(await goOn(target)).toEqual([]);
      expect(readFileSync(target)).toEqual(before);
    }
  });

  test.each([
    ['text', 'dear data'],
    ['text with lines', 'dear\ndata\n'],
    ['csv', 'index,url\n0,http://a/\n'],
    ['a JSON array', '[\n{"index":0}\n]\n'],
    ['other JSON lines', '{"url":"http://a/","status":200}\n'],
    [
      'a record of another kind',
      '{"index":0,"url":"a","method":"GET","kind":"maybe","ok":true,"elapsedMs":1,"attempts":1}\n',
    ],
    ['a prototype', '{"__proto__":{"index":0,"url":"a","kind":"failure"},"constructor":1}\n'],
    ['depth', `${'['.repeat(1_000_000)}\n`],
    [
      'an index without end',
      '{"index":1e15,"url":"a","method":"GET","kind":"failure","ok":false,"length":0,"elapsedMs":1,"attempts":1,"error":{"code":"X","message":"","retryable":false}}\n',
    ],
    ['gzip', Buffer.from([0x1f, 0x8b, 8, 0, 10])],
    ['NUL and lines', Buffer.from('\0\0\n\0\0')],
  ])('refuses %s, on one line, and does not change it', async (_, content) => {
    const target = file(content);
    const error: unknown = await openJournal(target).catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      message: expect.stringMatching(/^Cannot write to [^\n]*it cannot be resumed, as line 1 [^\n]*$/),
    });
    expect(readFileSync(target)).toEqual(Buffer.from(content));
    expect(existsSync(`${target}.lock`)).toBe(false);
    expect(({} as { index?: number }).index).toBeUndefined();
  });

  test.each([
    ['NULs', '\0\0\0'],
    ['a line break', '\n'],
    ['blank lines', '\n \t\r\n\n'],
    ['blank lines and NULs', '\n\n\0\0'],
  ])('refuses %s without a record, and does not change it', async (_, content) => {
    const target = file(content);
    await expect(openJournal(target)).rejects.toThrow(
      `Cannot write to ${target}: it cannot be resumed, as it contains no records, only blank lines or NULs; ` +
        'choose another file, or move this one away',
    );
    expect(readFileSync(target, 'utf8')).toBe(content);
  });

  test.each([
    ['2', ' (record version 2)', '\n'],
    ['2', ' (record version 2)', ''],
    ['"\\u001b"', '', '\n'],
    ['null', '', '\n'],
  ])('refuses records of version %s, and does not change them', async (version, words, ending) => {
    const whole = path();
    await goOn(whole);
    const ours = readFileSync(whole, 'utf8');
    const theirs = ours.slice(0, ours.indexOf('\n')).replace(/\}$/, `,"version":${version}}`) + ending;
    const target = file(theirs);
    await expect(openJournal(target)).rejects.toThrow(`as line 1 is from another version of fetchmany${words}; choose`);
    expect(readFileSync(target, 'utf8')).toBe(theirs);
    const mixed = file(ours + theirs);
    await expect(openJournal(mixed)).rejects.toThrow(
      `as line 7 is from another version of fetchmany${words}; keep only its first 6 lines, choose`,
    );
    expect(readFileSync(mixed, 'utf8')).toBe(ours + theirs);
  });

  test('with any pieces replaced: refused on one line and unchanged, or resumed', async () => {
    const whole = path();
    await goOn(whole);
    const bytes = readFileSync(whole);
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 20 }),
      fc
        .constantFrom('\n', '\0\0', '}', '{"index":', '"kind":"failure"', '__proto__', '1e999', '\r\n')
        .map((text) => Buffer.from(text)),
    );
    const change = fc.tuple(fc.nat(bytes.length), fc.nat(40), piece);
    const target = path();
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
        const changed = changes.reduce(
          (so, [start, count, insert]) => Buffer.concat([so.subarray(0, start), insert, so.subarray(start + count)]),
          bytes,
        );
        writeFileSync(target, changed);
        try {
          await goOn(target);
        } catch (error) {
          expect((error as Error).message).toMatch(/^Cannot write to [^\n]*: it cannot be resumed, as [^\n]*$/);
          expect(readFileSync(target)).toEqual(changed);
          return;
        }
        expect(records(target)).not.toContain(undefined);
        expect(await goOn(target)).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  test('ignores unknown fields', async () => {
    const target = path();
    await goOn(target);
    writeFileSync(target, readFileSync(target, 'utf8').replaceAll('}\n', ',"color":{"__proto__":1}}\n'));
    expect(await goOn(target)).toEqual([]);
  });

  test('refuses a line of a gigabyte without keeping it in memory', async () => {
    const target = path();
    const hole = openSync(target, 'w');
    writeSync(hole, '{"index":', 0);
    writeSync(hole, '\n', 1_000_000_000);
    const before = process.memoryUsage().rss;
    await expect(openJournal(target)).rejects.toThrow('line 1 is too long for a record');
    expect(process.memoryUsage().rss - before).toBeLessThan(400_000_000);
    expect(statSync(target).size).toBe(1_000_000_001);
  });

  test('refuses anything but a regular file', async () => {
    await expect(openJournal(directory)).rejects.toThrow('it cannot be read back');
    await expect(openJournal('/dev/null')).rejects.toThrow('it cannot be read back');
    await expect(openJournal(`${directory}/none/x`)).rejects.toThrow('its directory does not exist');
  });
});
