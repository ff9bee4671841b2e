import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseRecord } from '../../../../src/http/record.ts';
import { runCli, startCli, untilSays } from '../../../helpers/process/cli.ts';
import { ended } from '../../../helpers/process/module.ts';
import { respond, serve, type Reply } from '../../../helpers/servers/serve.ts';

const directory = mkdtempSync(join(tmpdir(), 'fetchmany-hold-'));

/** How the servers fail, and the requests after which their hosts are held or asked again. */
test.concurrent.for<[what: string, fail: Reply, requests: number]>([
  ['held', (response) => response.destroy(), 9],
  ['refused', respond(429), 7],
])(
  'Ctrl-C twice ends a run whose host is %s at once, and --resume --retry-failed goes on',
  async ([what, fail, requests]) => {
    let reply: Reply = fail;
    await using server = await serve((response, seen) => reply(response, seen));
    const list = join(directory, `${what}.txt`);
    writeFileSync(list, Array.from({ length: 40 }, (_, at) => `${server.url}/${at}\n`).join(''));
    const output = join(directory, `${what}.jsonl`);
    const records = () =>
      readFileSync(output, 'utf8')
        .trim()
        .split('\n')
        .map((line) => parseRecord(line)!);

    const child = startCli(['-i', list, '-o', output]);
    const end = ended(child);
    await server.seen(requests);
    child.kill('SIGINT');
    await untilSays(child, 'stderr', 'finishing requests, up to 5 s');
    child.kill('SIGINT');
    const { code, stderr } = await end;
    expect(code).toBe(130);
    expect(stderr).toContain('--resume');
    expect(records().filter(({ ok }) => ok)).toEqual([]);

    reply = respond(200);
    expect((await runCli(['-i', list, '-o', output, '--resume', '--retry-failed'])).code).toBe(0);
    const ok = records().filter((record) => record.ok);
    expect(ok.map(({ index }) => index).toSorted((one, other) => one - other)).toEqual([
      ...Array.from({ length: 40 }).keys(),
    ]);
  },
);
