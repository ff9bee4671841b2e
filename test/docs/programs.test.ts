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
import { programOf } from './program-of.ts';
import { furnish, neutral, record, startSite } from './workplace.ts';

const { path } = temporary('programs');
const docs = readdirSync(fileURLToPath(new URL('../../docs', import.meta.url))).map((page) => `docs/${page}`);
/** The reference has declarations. Programs with a queue run in `scale-out.test.ts`. */
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
