import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readFlags } from '../../cli/flags/flags.ts';
import { workerFlags } from '../../cli/worker/worker-flags.ts';
import { hasRedis, startRedis } from '../helpers/distributed/redis.ts';
import { planOf } from '../helpers/plan-of.ts';
import { shellCli } from '../helpers/process/cli.ts';
import { ended, runShell, type Ended } from '../helpers/process/module.ts';
import { nodeFlags } from '../helpers/process/node-flags.ts';
import { readRecordLines } from '../helpers/read-record-lines.ts';
import { temporary } from '../helpers/temporary.ts';
import { codeBlocksOf } from './documented.ts';
import { programOf } from './program-of.ts';
import { furnish, startSite } from './workplace.ts';

const { path } = temporary('scale-out');
const blocks = codeBlocksOf('docs/scale-out.md');
const codeIn = (language: string): string[] => blocks.filter((b) => b.language === language).map(({ code }) => code);

describe.skipIf(!hasRedis)('the examples of docs/scale-out.md', { timeout: 60_000 }, () => {
  test('run as commands: a worker, a run, its continuation and its status', async () => {
    await using redis = await startRedis();
    await using site = await startSite();
    const directory = path();
    furnish(directory, site.url);
    const [worker = '', run = '', again = '', status = ''] = codeIn('sh')[0]!
      .replaceAll('redis://queue:6379/0', redis.queue)
      .replaceAll(/ +#.*$/gm, '')
      .replace(' --watch', '')
      .split('\n');
    expect([worker, run, again, status]).toEqual(expect.arrayContaining([expect.stringMatching(/^fetchmany /)]));

    const commands = [run, again, status].map((command) => `${command} >/dev/null; echo "exit $?"`).join('\n');
    const script = `fetchmany() { ${shellCli} "$@"; }; cd '${directory}'\n${worker.replace('fetchmany', shellCli)} -q & WORKER=$!\n${commands}\nkill $WORKER; wait`;
    const { stdout, stderr } = await runShell(script, '');

    // Both times one of the three URLs is a 404.
    expect(stdout, stderr).toBe('exit 1\nexit 1\nexit 0\n');
    const records = readRecordLines(readFileSync(join(directory, 'results.jsonl'), 'utf8'));
    expect(records.map(({ index }) => index)).toEqual(expect.arrayContaining([0, 1, 2]));
    expect(site.requests.filter(({ path: target }) => target === '/1')).toHaveLength(1);
  });

  test('run as programs, beside each other', async () => {
    await using redis = await startRedis();
    await using site = await startSite();
    const directory = path();
    mkdirSync(directory);
    const runs = codeIn('ts').map(async (code, index): Promise<Ended> => {
      const file = join(directory, `${index}.ts`);
      const queue = `const queue = '${redis.queue}';`;
      const imports = codeIn('ts')[0]!.match(/^import .*$/m)![0];
      const own = /^import /m.test(code) ? code.replace(/^const queue = .*$/m, queue) : `${imports}\n${queue}\n${code}`;
      writeFileSync(file, programOf(own, site.url));
      const child = spawn(process.execPath, [...nodeFlags, file], { cwd: directory, stdio: 'pipe' });
      return ended(child);
    });
    expect(runs).toHaveLength(2);

    for (const { code, stdout, stderr } of await Promise.all(runs)) {
      expect([code, stdout, stderr]).toEqual([0, 'came to its end\n', '']);
    }
    expect(readFileSync(join(directory, 'results.jsonl'), 'utf8').trimEnd().split('\n')).toHaveLength(3);
  });
});

describe('the deployment examples of docs/scale-out.md', () => {
  const lines = [...codeIn('yaml'), ...codeIn('ini')].join('\n').split('\n');
  const commands = lines.flatMap((line) => {
    const list = /(?:command|args): \[fetchmany, (.*)\]$/.exec(line)?.[1]?.split(', ');
    const words = list ?? /^ExecStart=\/usr\/bin\/fetchmany (.*)$/.exec(line)?.[1]?.split(' ');
    return words === undefined ? [] : [words.map((word) => word.replaceAll("'", ''))];
  });

  test('are five commands', () => expect(commands).toHaveLength(5));

  test.each(commands.map((words) => [words.join(' '), words] as const))('fetchmany %s is accepted', (_, words) => {
    if (words[0] === 'worker') return expect(readFlags(words.slice(1), workerFlags).words).toEqual([]);
    expect(planOf(words, { FETCHMANY_QUEUE: 'redis://queue:6379/0' })).toMatchObject({ resume: true, urls: [] });
  });
});
