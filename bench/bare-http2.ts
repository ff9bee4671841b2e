// The baseline of wire.ts for HTTP/2, a process of its own: one session of node:http2, 50 streams at once, one line for each URL
// of a file.
import { readFileSync } from 'node:fs';
import { connect, type ClientHttp2Session } from 'node:http2';

const [, , listFile] = process.argv;
const inFlight = 50;
const urls = readFileSync(listFile!, 'utf8').trim().split('\n');
const { origin } = new URL(urls[0]!);
let session = open();
let started = 0;
let finished = 0;

function open(): ClientHttp2Session {
  const settings = { enablePush: false, initialWindowSize: 1024 * 1024 };
  const opened = connect(origin, { rejectUnauthorized: false, settings });
  opened.once('connect', () => opened.setLocalWindowSize(16 * 1024 * 1024));
  // A server ends a session after so many requests.
  opened.on('goaway', () => (session = open()));
  return opened;
}

function next(): void {
  const text = urls[started];
  if (text === undefined) return;
  started += 1;
  send(text, new URL(text).pathname);
}

function send(text: string, path: string): void {
  let status = 0;
  let length = 0;
  let isEnded = false;
  const stream = session.request({ ':path': path });
  stream.on('response', (headers) => void (status = headers[':status'] ?? 0));
  stream.on('data', (chunk: Buffer) => void (length += chunk.length));
  stream.on('end', () => {
    if (status === 0) return;
    isEnded = true;
    finished += 1;
    process.stdout.write(`${status} ${length} ${text}\n`);
    if (finished === urls.length) session.close();
    else next();
  });
  stream.on('error', () => undefined);
  // The session ended before the server had seen this one.
  stream.on('close', () => isEnded || send(text, path));
}

for (let at = 0; at < inFlight; at += 1) next();
