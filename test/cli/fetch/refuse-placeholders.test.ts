import { expect, test } from 'vitest';
import { refusePlaceholders } from '../../../cli/fetch/refuse-placeholders.ts';
import { runCli } from '../../helpers/process/cli.ts';

const none = { data: [], headers: [], urls: [] };

test.for([
  { ...none, data: ['***'] },
  { ...none, headers: ['Authorization: ***'] },
  { ...none, headers: ['X-A:***'] },
  { ...none, urls: ['http://user:***@example.com/'] },
  { ...none, urls: ['http://***@example.com/'] },
])('refusePlaceholders() refuses %o', (given) => {
  expect(() => refusePlaceholders(given)).toThrow(/still contains the placeholder \*\*\*/);
});

test('refusePlaceholders() accepts everything else', () => {
  const urls = [
    'http://example.com/***@x',
    'http://example.com/?q=***@',
    'http://u:p@example.com/',
    'http://example.com/***',
  ];
  expect(() => refusePlaceholders({ data: ['a ***', '@***'], headers: ['A: b ***'], urls })).not.toThrow();
});

test('fetchmany sends nothing if a secret is still a placeholder, and names it', async () => {
  const { code, stdout, stderr } = await runCli(['http://user:***@127.0.0.1:9/']);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain('the password of a URL still contains the placeholder ***');
});
