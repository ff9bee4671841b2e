import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { savedFiles } from '../../../cli/report/saved-files.ts';
import { temporary } from '../../helpers/temporary.ts';

const { directory } = temporary('saved-files');
mkdirSync(join(directory, 'pages', 'a.test'), { recursive: true });
writeFileSync(join(directory, 'secret.txt'), '');
for (const name of ['plain.html', 'a b#c?.html', '%41.html'])
  writeFileSync(join(directory, 'pages', 'a.test', name), '');

test.each([
  ['a.test/plain.html', './a.test/plain.html'],
  ['a.test/a b#c?.html', './a.test/a%20b%23c%3F.html'],
  ['a.test/%41.html', './a.test/%2541.html'],
  ['a.test/missing.html', undefined],
  ['a.test', undefined],
  ['../secret.txt', undefined],
  ['a.test/../../secret.txt', undefined],
  ['/etc/passwd', undefined],
  ['javascript:alert(1)', undefined],
  ['', undefined],
])('the link to %j is %j', (file, link) => {
  expect(savedFiles(join(directory, 'pages', 'report.html'))(file)).toBe(link);
});

test('a page on standard output has no links', () => {
  expect(savedFiles('-')('a.test/plain.html')).toBeUndefined();
});
