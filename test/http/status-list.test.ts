import { expect, test } from 'vitest';
import { parseStatusList } from '../../src/http/status-list.ts';

test.each([
  ['200', [200], [199, 201]],
  ['200-399', [200, 302, 399], [199, 400]],
  ['200-299,404', [200, 299, 404], [300, 403, 405]],
  [' 200 - 204 , 404 ', [200, 204, 404], [205]],
  ['404,404,400-410', [400, 404, 410], [399, 411]],
  ['100-999', [100, 999], [99, 1000]],
  ['200-200', [200], [201]],
])('parseExpect(%j)', (list, yes, no) => {
  const isExpected = parseStatusList(list)!;
  expect(yes.map(isExpected)).toEqual(yes.map(() => true));
  expect(no.map(isExpected)).toEqual(no.map(() => false));
});

test.each([
  '',
  ' ',
  ',',
  '200,',
  '2xx',
  '99',
  '1000',
  '099',
  '300-200',
  '200-',
  '-200',
  '200--300',
  '200.5',
  '200 300',
  '+200',
  '٢٠٠',
])('parseExpect(%j) cannot be read', (list) => {
  expect(parseStatusList(list)).toBeUndefined();
});
