import { expect, test } from 'vitest';
import type { FetcherOptions } from '../../src/fetcher/options.ts';
import { runCli } from '../helpers/process/cli.ts';
import { deadPort, rawServer, send } from '../helpers/servers/raw-server.ts';
import { codings } from './codings.ts';
import type { FaultCase } from './fault-case.ts';
import { framing } from './framing.ts';
import { heads } from './heads.ts';
import { redirects } from './redirects.ts';
import { empty } from './replies.ts';
import { retries } from './retries.ts';

const flagOf = {
  timeoutMs: (ms) => `--timeout=${ms}ms`,
  headersTimeoutMs: (ms) => `--headers-timeout=${ms}ms`,
  idleTimeoutMs: (ms) => `--idle-timeout=${ms}ms`,
  urlDeadlineMs: (ms) => `--url-deadline=${ms}ms`,
  maxBodyBytes: (bytes) => `--max-body=${bytes}B`,
  maxRedirects: (count) => `--max-redirects=${count}`,
} satisfies Partial<Record<keyof FetcherOptions, (value: number) => string>>;

const cases = [...framing, ...heads, ...codings, ...redirects, ...retries].filter(
  ({ over, libraryOnly }) => over === undefined && libraryOnly === undefined,
);
const runs = Object.entries(Object.groupBy(cases, (fault) => JSON.stringify(flagsOf(fault))));

test.concurrent.for(runs)('fetchmany %s says the same', async ([flags, faults = []]) => {
  await using healthy = await rawServer(send(empty));
  const servers = await Promise.all(faults.map(async ({ answer }) => answer && rawServer(answer)));
  try {
    const urls = await Promise.all(
      servers.map(async (server) => `${server?.url ?? `http://127.0.0.1:${await deadPort()}`}/start`),
    );
    const input = [...urls, healthy.url, ''].join('\n');
    const { stdout, stderr } = await runCli(['-j', '-i', '-', ...(JSON.parse(flags) as string[])], { input });
    expectSame(stdout.split('\n').filter(Boolean).map(parseRecord), faults);
    // oxlint-disable-next-line no-control-regex -- control characters are what this looks for
    expect(stdout + stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
    expect(stderr).not.toMatch(/Warning|at .*:\d+:\d+/);
  } finally {
    await Promise.all(servers.map(async (server) => server?.[Symbol.asyncDispose]()));
  }
});

test('fetchmany does not limit a body that it only counts', async () => {
  const length = 50_000_001;
  const bytes = Buffer.concat([
    Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n\r\n`),
    Buffer.alloc(length),
  ]);
  await using server = await rawServer((socket) => socket.write(bytes));
  const { stdout } = await runCli(['-j', `${server.url}/`, '--retries=0', '-q']);
  expect(parseRecord(stdout)).toMatchObject({ kind: 'response', status: 200, length });
});

function expectSame(records: readonly ReturnType<typeof parseRecord>[], faults: readonly FaultCase[]): void {
  expect(records.map(({ index }) => index).toSorted((one, other) => one - other)).toEqual(Array.from(records.keys()));
  expect(records).toHaveLength(faults.length + 1);
  for (const record of records) {
    const fault = faults[record.index];
    if (fault) expect(record, `${fault.id} ${fault.fault}`).toMatchObject(recordOf(fault));
    else expect(record).toMatchObject({ status: 200 });
  }
}

function recordOf({ expected }: FaultCase): object {
  const { kind, attempts } = expected;
  if (expected.kind === 'failure') {
    const { code, retryable, length } = expected;
    return { kind, attempts, ok: false, error: { code, retryable }, ...(length === undefined ? {} : { length }) };
  }
  const { status, complete, redirects: hops, body } = expected;
  return { kind, attempts, ok: status < 400, status, complete, redirects: hops, length: body.length };
}

function parseRecord(line: string): { readonly index: number } {
  return JSON.parse(line) as { readonly index: number };
}

/** The options and the request of a case as flags. */
function flagsOf({ options = {}, request: { method, headers = {}, body } = {} }: FaultCase): string[] {
  const { retry, ...others } = options;
  return [
    `--retries=${retry?.retries ?? 0}`,
    ...Object.entries(others).map(([name, value]) => flagOf[name as keyof typeof flagOf](Number(value))),
    ...(method === undefined ? [] : [`-X=${method}`]),
    ...Object.entries(headers).map(([name, value]) => `-H=${name}:${String(value)}`),
    ...(body === undefined ? [] : [`-d=${String(body)}`]),
  ];
}
