import { describe, expect, onTestFinished, test } from 'vitest';
import { once } from 'node:events';
import { hasRedis, startRedis, type TestRedis } from '../../../helpers/distributed/redis.ts';
import { recordsOf } from '../../../helpers/distributed/check-records.ts';
import { runCli, startCli, untilSays } from '../../../helpers/process/cli.ts';
import { startInTerminal } from '../../../helpers/process/terminal.ts';
import { after, respond, serve } from '../../../helpers/servers/serve.ts';
import { temporary } from '../../../helpers/temporary.ts';

const { path, file } = temporary('queue');

async function openRedis(): Promise<TestRedis> {
  const redis = await startRedis();
  onTestFinished(() => redis[Symbol.asyncDispose]());
  return redis;
}

describe.skipIf(!hasRedis)('fetchmany --queue', { timeout: 180_000 }, () => {
  test('fetches a table through workers, stops on Ctrl-C, and continues', async () => {
    const { queue } = await openRedis();
    await using server = await serve(after(30, respond(200)));
    const rows = Array.from({ length: 480 }, (_, at) => `${server.at(`h${at % 6}`)}/${at},row ${at}`);
    const list = file(`homepage,note\n${rows.join('\n')}\n`, '.csv');
    const output = path('.jsonl');
    const env = { FETCHMANY_QUEUE: queue };
    const worker = startCli(['worker', '--workers', '2', '--until-done'], { env });
    // Its children end with it.
    onTestFinished(() => void worker.kill('SIGKILL'));
    const args = ['-i', list, '--url-column', 'homepage', '-o', output, '--per-host', '1'];
    const first = startCli(args, { env });
    await server.seen(12);
    first.kill('SIGINT');
    await untilSays(first, 'stderr', '--resume');
    await once(first, 'close');
    expect(first.exitCode).toBe(130);
    const before = recordsOf(output).length;
    expect(before).toBeGreaterThan(0);
    expect(before).toBeLessThan(480);

    const { code, stderr } = await runCli([...args, '--resume', '--summary', 'json'], { env });
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stderr.split('\n').find((line) => line.startsWith('{'))!)).toMatchObject({
      before: { notOk: 0 },
      neverStarted: 0,
    });
    const records = recordsOf(output).sort((a, b) => a.index - b.index);
    expect(records.map(({ index, input }) => `${index} ${String(input?.['note'])}`)).toEqual(
      rows.map((_, at) => `${at} row ${at}`),
    );
    expect(server.requests.length).toBe(480);
    if (worker.exitCode === null) await once(worker, 'exit');
    expect(worker.exitCode).toBe(0);

    const status = await runCli(['status', '--json'], { env });
    expect(JSON.parse(status.stdout)).toMatchObject({
      name: 'fetchmany',
      run: { state: 'ended', total: 480 },
      workers: [],
    });
    const text = await runCli(['status', '--name', 'other'], { env });
    expect(text.stdout).toContain('none named other');
  });

  test('without a worker says how to start one, and counts none in its progress', async () => {
    const { queue } = await openRedis();
    await using server = await serve(respond(200));
    const list = file(`${server.url}/\n`, '.txt');
    const run = startInTerminal(`-i ${list} -o ${path('.jsonl')} --queue ${queue} --name nightly`, { columns: 300 });
    await run.until((output) => /workers +0/.test(output));
    const advice = `no worker under the name nightly yet: start one with fetchmany worker --queue ${queue} --name nightly`;
    await run.until((output) => output.includes(advice));
    run.type('\u0003');
    await run.end;
    expect(server.requests.length).toBe(0);
  });

  test('says on one line what is wrong with a queue, without its password', async () => {
    const { code, stderr } = await runCli(['worker', '--queue', 'redis://user:secret@127.0.0.1:1/0']);
    expect(code).toBe(2);
    expect(stderr).toBe(
      'fetchmany: the queue at redis://user:***@127.0.0.1:1/0 cannot be used: connect ECONNREFUSED 127.0.0.1:1\n',
    );
    const wrong = await runCli(['status', '--queue', 'http://user:secret@queue/']);
    expect([wrong.code, wrong.stderr]).toEqual([
      2,
      'fetchmany: the queue must be the URL of a Redis server, such as redis://queue:6379/0: got http://user:***@queue/\n',
    ]);
    const none = await runCli(['worker']);
    expect([none.code, none.stderr]).toEqual([
      2,
      'fetchmany: no queue given; add --queue redis://HOST:6379/0, or set FETCHMANY_QUEUE\n',
    ]);
  });
});
