import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { apiReport, publicEntries, reportPath } from '../../scripts/api/report.ts';

test('the public API is the one in api.md; npm run api renews it', () => {
  expect(apiReport(), 'The public API has changed: run `npm run api` and look at the difference').toBe(
    readFileSync(reportPath, 'utf8'),
  );
});

describe.for(publicEntries())('%s', ([entry, file]) => {
  const source = new URL(`../../${file.replace(/^dist\/(.*)\.js$/, 'src/$1.ts')}`, import.meta.url);

  test('has its source', () => {
    expect(existsSync(source)).toBe(true);
  });

  test('exports at run time every value that the report lists, and no other', async () => {
    const report = readFileSync(reportPath, 'utf8');
    const list = report.split(`## ${entry}\n`)[1]?.split('\n## ')[0] ?? '';
    const values = Array.from(list.matchAll(/^- (?:(?!type )\w+ as )?(\w+)$/gm), ([, name]) => name);
    expect(new Set(Object.keys((await import(source.href)) as object))).toEqual(new Set(values));
  });
});
