import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { linkScript } from '../../src/pages/link-script.ts';
import { temporary } from '../helpers/temporary.ts';

const { path } = temporary('link');

/** Writes modules and links the first one. */
function link(modules: Readonly<Record<string, string>>): string {
  const folder = path();
  for (const [name, text] of Object.entries(modules)) {
    const file = join(folder, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  return linkScript(pathToFileURL(join(folder, Object.keys(modules)[0]!)));
}

/** Runs a script that sets `said`. */
function run(script: string): unknown {
  // oxlint-disable-next-line no-implied-eval, typescript/no-implied-eval -- the test is whether the text runs
  return new Function('said', `${script}\nreturn said;`)([]);
}

test('linkScript() joins a module and its imports into one script, each module once and in order', () => {
  const script = link({
    'main.ts': `import { one } from './parts/one.ts';\nimport {\n  two as second,\n} from './parts/two.ts';\nsaid.push(one(), second);\n`,
    'parts/one.ts': `import { two, type Three } from './two.ts';\nconst three: Three = 3;\nexport function one(): number[] {\n  return [two, three, hidden()];\n}\nfunction hidden() {\n  return 1;\n}\n`,
    'parts/two.ts': `said.push('two is read');\nexport type Three = number;\nexport const two = 2;\nfunction hidden() {\n  return 2;\n}\nhidden();\n`,
  });
  expect(run(script)).toEqual(['two is read', [2, 3, 1], 2]);
});

test.each([
  [`import one from './one.ts';`],
  [`import * as one from './one.ts';`],
  [`import { one } from 'elsewhere';`],
  [`export default 1;`],
  [`export * from './one.ts';`],
])('linkScript() refuses %j', (text) => {
  expect(() => link({ 'main.ts': `${text}\n`, 'one.ts': '' })).toThrow(/Cannot link .*main\.ts: it has "/);
});

test.each(['report', 'bench'])('the script of the %s page parses and cannot turn text into markup', (page) => {
  const script = linkScript(new URL(`../../src/pages/browser/${page}.ts`, import.meta.url));
  // oxlint-disable-next-line no-implied-eval, no-new, typescript/no-implied-eval -- it is parsed, not run
  expect(() => new Function(script)).not.toThrow();
  expect(script).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|<\/script/i);
});
