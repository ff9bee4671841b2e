import { send, sendThenReset, type RawHandler } from '../helpers/servers/raw-server.ts';
import { fails, whole, type FaultCase } from './fault-case.ts';
import { byPath, drip, okay, pour, reply, targetOf, to } from './replies.ts';

const arrived = send(okay([], 'here'));
const here = whole('here', { redirects: 1 });
const invalid = fails('REDIRECT_INVALID');
const put = { method: 'PUT', body: 'canary' };

/** Another origin: the same server under another name. */
const elsewhere =
  (path: string, statusLine?: string): RawHandler =>
  (socket) =>
    socket.write(to(`http://elsewhere.localhost:${socket.localPort}${path}`, statusLine));

/** The first origin again. */
const back =
  (path: string): RawHandler =>
  (socket) =>
    socket.write(to(`http://127.0.0.1:${socket.localPort}${path}`));

/** Answers 403 if the head holds something that belongs to another origin, else 200. */
const checkpoint: RawHandler = (socket, { head }) =>
  socket.write(/canary/i.test(head) ? reply('403 You Told') : okay([], 'here'));

const secrets = {
  authorization: 'Bearer canary',
  cookie: 'session=canary',
  'x-api-key': 'canary',
  referer: 'http://canary.test/',
};

const moving = (location: string): RawHandler => byPath({ '/start': send(to(location)), '/there': arrived });

/** A redirect with a body that must not be waited for. */
const leaving = (body: (head: string) => RawHandler, headers = 'Connection: keep-alive'): RawHandler =>
  byPath({
    '/start': body(`HTTP/1.1 302 Found\r\nLocation: /there\r\n${headers}\r\n\r\n`),
    '/there': arrived,
  });

const hop =
  (last: number): RawHandler =>
  (socket, request) => {
    const at = Number(targetOf(request).split('/')[2] ?? 0);
    return socket.write(at < last ? to(`/hop/${at + 1}`) : okay([], 'here'));
  };

/** Group D: redirects. */
export const redirects: readonly FaultCase[] = [
  { id: 'D1', fault: 'to itself', answer: send(to('/start')), expected: fails('REDIRECT_LOOP') },
  { id: 'D1', fault: 'to itself, with a fragment', answer: send(to('#again')), expected: fails('REDIRECT_LOOP') },
  {
    id: 'D1',
    fault: 'there and back',
    answer: byPath({ '/start': send(to('/b')), '/b': send(to('/start')) }),
    expected: fails('REDIRECT_LOOP', { requests: 2 }),
  },
  {
    id: 'D2',
    fault: 'for ever, to a growing path',
    answer: (socket, request) => socket.write(to(`${targetOf(request)}x`)),
    expected: fails('REDIRECT_LIMIT', { requests: 11 }),
  },
  { id: 'D3', fault: 'ten hops', answer: hop(10), expected: whole('here', { redirects: 10 }) },
  { id: 'D3', fault: 'eleven hops', answer: hop(11), expected: fails('REDIRECT_LIMIT', { requests: 11 }) },
  {
    id: 'D4',
    fault: 'with redirects switched off',
    answer: send(to('/there')),
    options: { maxRedirects: 0 },
    expected: whole('', { status: 302 }),
  },
  ...['file:///etc/passwd', 'ftp://x/', 'data:,x', 'javascript:alert(1)', 'gopher://x/', 'ws://x/', 'blob:x'].map(
    (location): FaultCase => ({
      id: 'D5',
      fault: `to ${location}`,
      answer: send(to(location)),
      options: { retry: { retries: 2 } },
      expected: fails('REDIRECT_SCHEME'),
    }),
  ),
  ...['http://', '//', 'http://127.0.0.1:99999/', 'http://127.0.0.1:0/', 'http://a b/', 'http://[::1'].map(
    (location): FaultCase => ({ id: 'D6', fault: `to ${location}`, answer: send(to(location)), expected: invalid }),
  ),
  {
    id: 'D7',
    fault: 'without a Location',
    answer: send(reply('302 Found', [], 'ok')),
    expected: whole('ok', { status: 302 }),
  },
  ...['', '  '].map((location): FaultCase => ({
    id: 'D7',
    fault: `to ${JSON.stringify(location)}`,
    answer: send(to(location)),
    expected: whole('', { status: 302 }),
  })),
  {
    id: 'D8',
    fault: 'two Locations',
    answer: send(reply('302 Found', ['Location: /a', 'Location: /b'])),
    expected: invalid,
    why: 'curl 7.88 takes the first; today it refuses too',
  },
  {
    id: 'D8',
    fault: 'the same Location twice',
    answer: byPath({ '/start': send(reply('302 Found', ['Location: /there', 'location: /there'])), '/there': arrived }),
    expected: here,
  },
  {
    id: 'D9',
    fault: 'raw UTF-8 in the Location',
    answer: byPath({ '/start': send(to('/\u00c3\u00a9')), '/%C3%A9': arrived }),
    expected: here,
  },
  {
    id: 'D10',
    fault: 'an encoded line break in the Location',
    answer: byPath({ '/start': send(to('/%0d%0aX:y')), '/%0d%0aX:y': arrived }),
    expected: here,
  },
  { id: 'D10', fault: 'a tab in the Location', answer: send(to('/the\tre')), expected: invalid },
  { id: 'D11', fault: 'a relative Location', answer: moving('there'), expected: here },
  { id: 'D11', fault: 'a Location with dots', answer: moving('../../x/../there'), expected: here },
  { id: 'D11', fault: 'a Location with a backslash', answer: moving(String.raw`\there`), expected: here },
  {
    id: 'D11',
    fault: 'a Location that is only a query',
    answer: byPath({ '/start': send(to('?q')), '/start?q': arrived }),
    expected: here,
  },
  ...[300, 304, 305, 306, 399].map((status): FaultCase => ({
    id: 'D12',
    fault: `${status} with a Location`,
    answer: send(to('/there', `${status} What`)),
    expected: whole('', { status }),
    why: 'as in the Fetch standard; curl follows 300',
  })),
  {
    id: 'D13',
    fault: 'an endless body',
    answer: leaving((head) => pour(head, 'x'.repeat(1024))),
    expected: here,
  },
  { id: 'D13', fault: 'a body that trickles', answer: leaving((head) => drip(head, 'x', 20)), expected: here },
  {
    id: 'D13',
    fault: 'a body that never arrives',
    answer: leaving((head) => send(head), 'Content-Length: 5'),
    expected: here,
  },
  {
    id: 'D13',
    fault: 'a body that exceeds every limit',
    answer: leaving((head) => send(head), 'Content-Length: 50000001'),
    expected: here,
  },
  { id: 'D13', fault: 'a truncated body', answer: leaving((head) => sendThenReset(`${head}x`)), expected: here },
  {
    id: 'D13',
    fault: 'a body that does not match its coding',
    answer: leaving((head) => send(`${head}plain`), 'Content-Length: 5\r\nContent-Encoding: gzip'),
    expected: here,
  },
  {
    id: 'D13',
    fault: 'a body with invalid chunks',
    answer: leaving((head) => send(`${head}zz\r\n`), 'Transfer-Encoding: chunked'),
    expected: here,
  },
  {
    id: 'D13',
    fault: 'an unsupported transfer coding',
    answer: leaving((head) => send(`${head}x`), 'Transfer-Encoding: gzip'),
    expected: here,
  },
  {
    id: 'D14',
    fault: 'to another origin, with secrets',
    answer: byPath({ '/start': elsewhere('/there'), '/there': checkpoint }),
    request: { headers: secrets },
    expected: here,
    why: 'D15: curl forwards the headers that it does not know to be secret',
  },
  {
    id: 'D16',
    fault: 'to another origin and back, with secrets',
    answer: byPath({ '/start': elsewhere('/there'), '/there': back('/home'), '/home': checkpoint }),
    request: { headers: secrets },
    expected: whole('here', { redirects: 2 }),
  },
  {
    id: 'D18',
    fault: 'with credentials in the Location',
    answer: byPath({
      '/start': (socket) => socket.write(to(`http://user:pass@elsewhere.localhost:${socket.localPort}/there`)),
      '/there': (socket, { head }) =>
        socket.write(/^authorization: Basic dXNlcjpwYXNz$/im.test(head) ? okay([], 'here') : reply('401 Who')),
    }),
    expected: here,
  },
  ...['301 Moved', '302 Found', '307 Temporary', '308 Permanent'].map((status): FaultCase => ({
    id: 'D19',
    fault: `${status}, with the body of a PUT to another origin`,
    answer: byPath({ '/start': elsewhere('/there', status), '/there': arrived }),
    request: put,
    expected: invalid,
    why: 'curl sends it',
  })),
  {
    id: 'D20',
    fault: 'to another origin: no Referer is sent',
    answer: byPath({
      '/start': elsewhere('/there'),
      '/there': (socket, { head }) => socket.write(/^referer:/im.test(head) ? reply('403 You Told') : okay([], 'here')),
    }),
    expected: here,
  },
  {
    id: 'D23',
    fault: '303 after a PUT',
    answer: byPath({
      '/start': elsewhere('/there', '303 See Other'),
      '/there': (socket, { head }) => socket.write(head.startsWith('GET ') ? okay([], 'here') : reply('405 Not So')),
    }),
    request: put,
    expected: here,
  },
];
