import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { socksProxy } from '../helpers/proxies/socks-proxy.ts';
import { shellCli } from '../helpers/process/cli.ts';
import { runShell } from '../helpers/process/module.ts';
import { hasTool } from '../helpers/process/tools.ts';
import type { ScriptedServer } from '../helpers/servers/serve.ts';
import { temporary } from '../helpers/temporary.ts';
import { comparable } from './comparable.ts';
import { codeBlocksOf, type CodeBlock } from './documented.ts';
import { filesBelow, furnish, neutral, record, startSite } from './workplace.ts';

const { path } = temporary('commands');
const docs = readdirSync(fileURLToPath(new URL('../../docs', import.meta.url))).map((page) => `docs/${page}`);
const blocks = ['README.md', ...docs]
  .flatMap(codeBlocksOf)
  .map((block) => ({ ...block, page: block.place.split(':')[0], commands: commandsOf(block) }))
  .filter(({ commands }) => commands.length > 0);

/**
 * Returns the commands of a block without their comments. Those with a queue run in `scale-out.test.ts`. The
 * usage lines of the command line's page are no commands.
 */
function commandsOf({ language, code }: CodeBlock): string[] {
  if (language !== 'sh' || /\[options\]|bash \| zsh|rediss?:/.test(code)) return [];
  const commands = code.split('\n').map((line) => line.replace(/ +#.*$/, '').trim());
  return commands.some((command) => /\bfetchmany\b/.test(command) && !/^(?:npm|npx) /.test(command))
    ? commands.filter((command) => command !== '')
    : [];
}

describe.skipIf(!hasTool('jq')).concurrent('the commands of the documentation', () => {
  // Whole commands as names, which are the names of the snapshots: `vitest --update=all` renews them.
  for (const { page, commands } of blocks) {
    // Each command is a process or two, and five blocks run at once.
    const timeout = 40_000 + 20_000 * commands.length;
    test(`${page}: ${commands.join('; ')}`, { timeout }, async ({ expect: expectHere }) => {
      await using site = await startSite();
      const directory = path();
      furnish(directory, site.url);
      const before = filesBelow(directory);
      await using proxy = await socksProxy({ login: 'user:password' });
      await using daemon = createServer((_, response) => response.end('{}'));
      await once(daemon.listen(join(directory, 'daemon')), 'listening');
      const localized = commands.map((command) => localize(command, site, proxy.host));
      record(directory, site.url, localized.join('\n'));

      const { stdout, stderr } = await runShell(scriptOf(directory, localized), '');

      expectHere(stderr).not.toMatch(/Unknown|internal error|must be|fetchmany --help|contradict/);
      const isBench = /fetchmany bench/.test(commands.join());
      const made = filesBelow(directory).filter((file) => !before.includes(file));
      const seen = {
        // A benchmark prints figures and nothing else.
        transcript: isBench
          ? stdout.match(/^exit .*/gm)
          : stepsOf(neutral(stdout.replaceAll(proxy.host, 'SOCKS'), site)),
        requests: isBench ? [] : requestsOf(site),
        files: made.map((file) => neutral(file, site)),
      };
      expectHere(stdout).not.toMatch(/^exit [2-9]/m);
      expectHere(seen).toMatchSnapshot();
    });
  }

  test('there are some on most pages', () => {
    expect(new Set(blocks.map(({ page }) => page)).size).toBeGreaterThanOrEqual(11);
  });
});

/** Puts the servers of the test in the place of those that the documentation names. */
function localize(command: string, { url }: ScriptedServer, socks: string): string {
  const { host, port } = new URL(url);
  return (
    command
      .replace(/^fetchmany bench(?!.*--once)/, '$& --repeat 1 --requests 4 --levels 2 --yes')
      .replace(/(?<=--levels 2 --yes.*) --levels [\d,]+| --requests 20/g, '')
      .replaceAll(
        /(?<=--resolve.*)https:\/\/example\.com|https:\/\/example\.com(?=.*--resolve)/g,
        `http://example.com:${port}`,
      )
      .replaceAll(/https:\/\/(?:api\.)?example\.(?:com|org)/g, url)
      .replaceAll('http://10.0.0.7', url)
      .replaceAll(/example\.com:443:(?:10\.0\.0\.7|203\.0\.113\.7)/g, `example.com:${port}:127.0.0.1`)
      .replaceAll('example.com:443:staging.example.com:443', `example.com:${port}:${host}`)
      .replaceAll('--host example.com', `--host ${host}`)
      // The site answers requests to a proxy, too.
      .replaceAll(/http:\/\/proxy\.example(?:\.com)?:3128/g, url)
      .replace('HTTPS_PROXY', 'http_proxy')
      .replace('proxy.example:1080', socks)
      .replace('/var/run/docker.sock', 'daemon')
  );
}

/** Returns a script that prints each command before its output, and its exit code after it. */
function scriptOf(directory: string, commands: readonly string[]): string {
  const steps = commands.map((command) => `cat <<'COMMAND'\n$ ${command}\nCOMMAND\n${command}\necho "exit $?"`);
  return `fetchmany() { ${shellCli} "$@"; }; TOKEN=t; cd '${directory}'\n${steps.join('\n')}`;
}

/** Splits a transcript into its commands. Rows may come in any order, unless the command gives one. */
function stepsOf(transcript: string): string[][] {
  return transcript.split(/^(?=\$ )/m).map((step) => {
    const [command = '', ...output] = comparable(step);
    const exit = output.pop()!;
    return [command, ...(/--mode (?:gather|sequential)/.test(command) ? output : output.toSorted()), exit];
  });
}

/** Returns the requests that the site has had, with the headers that the documentation speaks of. */
function requestsOf(site: ScriptedServer): string[] {
  const told = ['host', 'authorization', 'cookie', 'x-key', 'x-team', 'if-none-match'];
  return site.requests
    .map(({ method, path: target, headers, body }) => {
      const named = told.flatMap((name) => (headers[name] === undefined ? [] : [`${name}: ${String(headers[name])}`]));
      const parts = [`${method} ${target}`, ...named, ...(body.length > 0 ? [body.toString()] : [])];
      return neutral(parts.filter((part) => `http://${part.slice('host: '.length)}` !== site.url).join(', '), site);
    })
    .toSorted();
}
