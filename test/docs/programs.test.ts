import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { ended } from '../helpers/process/module.ts';
import { nodeFlags } from '../helpers/process/node-flags.ts';
import { temporary } from '../helpers/temporary.ts';
import { comparable } from './comparable.ts';
import { codeBlocksOf } from './documented.ts';
import { furnish, neutral, record, startSite } from './workplace.ts';

const { path } = temporary('programs');
const docs = readdirSync(fileURLToPath(new URL('../../docs', import.meta.url))).map((page) => `docs/${page}`);
/** The reference has declarations. Programs with a queue run in `test/distributed`. */
const programs = ['README.md', ...docs.filter((page) => page !== 'docs/api.md')]
  .flatMap(codeBlocksOf)
  .filter(({ language, code }) => language === 'ts' && !/\bqueue\b/.test(code))
  .map(({ place, code }) => ({ page: place.split(':')[0]!, code }));

describe.concurrent('the programs of the documentation', () => {
  for (const [index, { page, code }] of programs.entries()) {
    const nth = programs.slice(0, index + 1).filter((program) => program.page === page).length;
    test(`${page}, program ${nth}`, { timeout: 60_000 }, async ({ expect: expectHere }) => {
      await using site = await startSite();
      const directory = path();
      furnish(directory, site.url);
      record(directory, site.url, code);
      mkdirSync(join(directory, 'program'));
      writeFileSync(join(directory, 'program', 'main.ts'), programOf(code, site.url));

      const child = spawn(process.execPath, [...nodeFlags, 'program/main.ts'], { cwd: directory, stdio: 'pipe' });
      const { code: exitCode, stdout, stderr } = await ended(child);

      expectHere(stderr).toBe('');
      expectHere([exitCode, stdout.trimEnd().split('\n').at(-1)]).toEqual([0, 'came to its end']);
      expectHere(comparable(neutral(stdout, site)).toSorted()).toMatchSnapshot();
    });
  }

  test('are on most pages', () => {
    expect(new Set(programs.map(({ page }) => page)).size).toBeGreaterThanOrEqual(11);
  });
});

/**
 * True where Node can run `await using`; elsewhere the programs declare constants, and the process ends without a
 * close.
 */
const hasUsing = Number(process.versions.node.split('.')[0]) >= 24;

/** Makes a program of a snippet: the names it takes for granted are declared before it, unless it declares them. */
function programOf(code: string, url: string): string {
  const imports = (code.match(/^import .*$/gm) ?? []).map((line) =>
    line.replace(/'(.*)'/, (_, name) => `'${urlOf(name)}'`),
  );
  const rest = code.replaceAll(/^import .*$\n?/gm, '').replaceAll(/https:\/\/(?:api\.)?example\.(?:com|org)/g, url);
  const needs = (name: string): boolean => new RegExp(`\\b${name}\\b`).test(rest) && !imports.join().includes(name);
  const makesFetcher = /(?:using|const) fetcher/.test(rest);
  return [
    ...imports,
    ...(needs('createFetcher') || (needs('fetcher') && !makesFetcher)
      ? [`import { createFetcher } from '${urlOf('fetchmany')}';`]
      : []),
    ...(needs('fetcher') && !makesFetcher ? ['const fetcher = createFetcher();'] : []),
    ...Object.entries(given(url)).map(([name, value]) => (needs(name) ? `const ${name} = ${value};` : '')),
    '{',
    hasUsing ? rest : rest.replaceAll('await using ', 'const '),
    '}',
    "console.log('came to its end');",
  ].join('\n');
}

/** What the snippets take for granted, by name. */
function given(url: string): Readonly<Record<string, string>> {
  return {
    urls: JSON.stringify([`${url}/1`, `${url}/status/404`, 'nonsense']),
    use: '(value: unknown): void => console.log(JSON.stringify(value))',
    loadUser: "(_: AbortSignal) => ({ name: 'Ann' })",
    loadPosts: "async (_: AbortSignal) => ['a post']",
    jobs: '[() => 1, async () => 2]',
    pem: "'system'",
    tokens: "{ current: () => 'abc' }",
  };
}

/** Returns where a module is, of ours or of a package. */
function urlOf(name: string): string {
  const [, entry = 'index'] = /^fetchmany(?:\/(\w+))?$/.exec(name) ?? [];
  return name.startsWith('fetchmany')
    ? new URL(`../../src/${entry}.ts`, import.meta.url).href
    : import.meta.resolve(name);
}
