import { expect, test } from 'vitest';
import type { Row } from '../../../../src/pages/model/row.ts';
import { chooseRows, type RowChoice } from '../../../../src/pages/browser/requests/choose-rows.ts';

const row = (index: number, overrides: Partial<Row>): Row => ({
  index,
  url: `https://example.com/${index}`,
  method: 'GET',
  host: 'https://example.com',
  verdict: 'ok',
  label: '200',
  elapsedMs: 10,
  attempts: 1,
  length: 0,
  timings: {},
  ...overrides,
});

const rows = [
  row(0, { elapsedMs: 9, startMs: 100 }),
  row(1, { elapsedMs: 100, verdict: 'unexpected', label: '404', startMs: 50 }),
  row(2, { elapsedMs: 20, verdict: 'failed', label: 'TIMEOUT', message: 'It took too LONG' }),
  row(3, { elapsedMs: 20, url: 'https://other.example/a', label: '1000', startMs: 70 }),
];

const choose = (choice: Partial<RowChoice>): number[] =>
  chooseRows(rows, { text: '', verdict: '', key: 'elapsedMs', direction: 'descending', ...choice }).map(
    ({ index }) => index,
  );

test.each<[string, Partial<RowChoice>, number[]]>([
  ['numbers by value, equal ones in input order', {}, [1, 2, 3, 0]],
  ['numbers in ascending order', { direction: 'ascending' }, [0, 2, 3, 1]],
  ['labels by status first, then by code', { key: 'label', direction: 'ascending' }, [0, 1, 3, 2]],
  ['requests never sent last', { key: 'startMs', direction: 'descending' }, [0, 3, 1, 2]],
  ['requests never sent last in ascending order, too', { key: 'startMs', direction: 'ascending' }, [1, 3, 0, 2]],
  ['by verdict', { verdict: 'failed' }, [2]],
  ['by a word of the URL, ignoring case', { text: 'OTHER' }, [3]],
  ['by a word of the message', { text: 'too long' }, [2]],
  ['by several words, all required', { text: 'example.com 404' }, [1]],
  ['by a word that no row has', { text: 'nowhere' }, []],
])('chooseRows() sorts and filters: %s', (_, choice, expected) => {
  expect(choose(choice)).toEqual(expected);
});
