import { send, sendThenReset } from '../helpers/servers/raw-server.ts';
import { fails, whole, type FaultCase } from './fault-case.ts';
import { firstThen, okay, reply } from './replies.ts';

const fine = send(okay([]));
const busy = (...headers: readonly string[]): ReturnType<typeof send> => send(reply('503 Busy', headers, 'busy'));
const twice = { retry: { retries: 1 } };
const again = whole('ok', { attempts: 2 });
const refused = whole('busy', { status: 503 });

/** Group E: retries and their waits. Rates and retry storms are in storm.test.ts. */
export const retries: readonly FaultCase[] = [
  ...['0', '-1', '+30', '30.', '3e1', '0x1e', '3\u00b2', 'abc', '', '30, 40', 'Wed, 21 Oct 2015 07:28:00 GMT'].map(
    (value): FaultCase => ({
      id: 'E2',
      fault: `Retry-After: ${value}`,
      answer: firstThen(busy(`Retry-After: ${value}`), fine),
      options: twice,
      expected: again,
      why: 'no wait that anybody could have meant: the ordinary back-off of less than 200 ms',
    }),
  ),
  ...['61', '99999999999', '9'.repeat(400), 'Fri, 31 Dec 9999 23:59:59 GMT'].map((value): FaultCase => ({
    id: 'E5',
    fault: `Retry-After: ${value.slice(0, 40)}`,
    answer: busy(`Retry-After: ${value}`),
    options: twice,
    expected: refused,
    why: 'longer than the 60 s that we would wait: the 503 is the response, at once',
  })),
  {
    id: 'E5',
    fault: 'Retry-After: 30 and no retries',
    answer: busy('Retry-After: 30'),
    expected: refused,
  },
  {
    id: 'E8',
    fault: '503 for ever',
    answer: busy(),
    options: { retry: { retries: 2 } },
    expected: whole('busy', { status: 503, attempts: 3 }),
  },
  {
    id: 'E8',
    fault: 'a reset for ever',
    answer: sendThenReset(),
    options: { retry: { retries: 2 } },
    expected: fails('CONN_RESET', { attempts: 3 }),
  },
  ...[400, 401, 403, 404, 410, 501].map((status): FaultCase => ({
    id: 'E9',
    fault: `${status}`,
    answer: firstThen(send(reply(`${status} No`)), fine),
    options: twice,
    expected: whole('', { status }),
  })),
  ...[408, 425, 429, 500, 502, 504].map((status): FaultCase => ({
    id: 'E9',
    fault: `${status} once`,
    answer: firstThen(send(reply(`${status} No`)), fine),
    options: twice,
    expected: again,
  })),
  {
    id: 'E9',
    fault: 'a POST that gets a 503',
    answer: firstThen(busy(), fine),
    request: { method: 'POST', body: 'x' },
    options: twice,
    expected: refused,
  },
  {
    id: 'E9',
    fault: 'a POST that gets a reset',
    answer: firstThen(sendThenReset(), fine),
    request: { method: 'POST', body: 'x' },
    options: twice,
    expected: fails('CONN_RESET'),
  },
  {
    id: 'E11',
    fault: 'a wait that ends after the deadline',
    answer: busy('Retry-After: 30'),
    options: { ...twice, urlDeadlineMs: 20_000 },
    expected: fails('DEADLINE'),
  },
];
