import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { runCli } from '../../../helpers/process/cli.ts';
import { serve, respond } from '../../../helpers/servers/serve.ts';
import { temporary } from '../../../helpers/temporary.ts';

const { path, file } = temporary('plain-run');

test('a run without a queue loads neither the client of the queue nor the loops around it', async () => {
  await using server = await serve(respond(200));
  const log = path('.log');
  const hooks = file(
    `import { appendFileSync } from 'node:fs';
     import { registerHooks } from 'node:module';
     registerHooks({
       resolve(name, context, next) {
         const found = next(name, context);
         appendFileSync(${JSON.stringify(log)}, found.url + '\\n');
         return found;
       },
     });`,
    '.mjs',
  );
  const { code, stderr } = await runCli([server.url, '-o', path('.jsonl')], {
    env: { NODE_OPTIONS: `--import=${hooks}` },
  });
  expect(code, stderr).toBe(0);
  const loaded = readFileSync(log, 'utf8');
  expect(loaded).toContain('cli/fetch/run.ts');
  expect(loaded).not.toMatch(/ioredis|run-queued|distributed\/(?!redis\/shown-address)/);
});

test('without the client of the queue a plain run works, and --queue says on one line what to install', async () => {
  await using server = await serve(respond(200));
  const hooks = file(
    `import { registerHooks } from 'node:module';
     registerHooks({ resolve: (name, context, next) => next(name === 'ioredis' ? 'ioredis-is-not-installed' : name, context) });`,
    '.mjs',
  );
  const env = { NODE_OPTIONS: `--import=${hooks}`, FETCHMANY_QUEUE: '' };
  const list = file(`${server.url}\n`, '.txt');
  const plain = await runCli(['-i', list, '-o', path('.jsonl')], { env });
  expect(plain.code, plain.stderr).toBe(0);
  const missing = 'fetchmany: a queue needs the package ioredis: install it beside fetchmany (npm install ioredis)\n';
  const queue = ['--queue', 'redis://127.0.0.1:1/0'];
  for (const args of [['-i', list, '-o', path('.jsonl')], ['worker'], ['status']]) {
    const { code, stdout, stderr } = await runCli([...args, ...queue], { env });
    expect([code, stdout, stderr]).toEqual([2, '', missing]);
  }
});
