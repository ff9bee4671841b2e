// The baseline of wire.ts, a process of its own: undici's `dispatch` for each URL of a file, 50 at once, one line for each.
import { readFileSync } from 'node:fs';
import { Agent } from 'undici';

const [, , listFile] = process.argv;
const inFlight = 50;
const urls = readFileSync(listFile!, 'utf8').trim().split('\n');
const agent = new Agent({ connections: inFlight, connect: { rejectUnauthorized: false } });
let started = 0;

function next(): void {
  const text = urls[started];
  if (text === undefined) return;
  started += 1;
  const { origin, pathname } = new URL(text);
  let status = 0;
  let length = 0;
  agent.dispatch(
    { origin, path: pathname, method: 'GET' },
    {
      onRequestStart: () => undefined,
      onResponseStart: (_controller, code) => void (status = code),
      onResponseData: (_controller, chunk) => void (length += chunk.length),
      onResponseEnd() {
        process.stdout.write(`${status} ${length} ${text}\n`);
        next();
      },
      onResponseError(_controller, error) {
        throw error;
      },
    },
  );
}

for (let at = 0; at < inFlight; at += 1) next();
