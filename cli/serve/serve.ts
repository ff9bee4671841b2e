import { once } from 'node:events';
import { exitCodes } from '../exit-code.ts';
import { printHelp } from '../flags/print-help.ts';
import { readFlags, requireNoWords } from '../flags/flags.ts';
import { withoutUndefined } from '../flags/given.ts';
import { quoted } from '../flags/quoted.ts';
import { say } from '../rows/say.ts';
import { serveFlags } from './serve-flags.ts';
import { startServer, type TestServer, type TestServerOptions } from '../server/server.ts';
import * as unit from '../flags/units.ts';
import { UsageError } from '../flags/usage-error.ts';

/** Runs `fetchmany serve` until it is interrupted, and returns the exit code. */
export async function serveCommand(argv: readonly string[]): Promise<number> {
  const flags = readFlags(argv, serveFlags, 'fetchmany serve');
  if (flags.has('help')) {
    await printHelp((await import('./serve-help.ts')).serveHelp);
    return exitCodes.ok;
  }
  requireNoWords(flags.words, 'serve');
  const server = await start(
    withoutUndefined({ port: flags.read('port', unit.port), host: flags.read('host', unit.name('127.0.0.1')) }),
  );
  const ended = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  // Only the address goes to standard output, so that scripts can read it.
  process.stdout.write(`${server.url}\n`);
  say(`test server running at ${server.url} (endpoints: ${server.url}/); press Ctrl-C to stop`);
  await ended;
  const { requests } = server;
  await server.close();
  say(`test server stopped after ${requests} ${requests === 1 ? 'request' : 'requests'}`);
  return exitCodes.ok;
}

async function start(options: TestServerOptions): Promise<TestServer> {
  try {
    return await startServer(options);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? '';
    const reason = reasons.get(code);
    if (reason === undefined) throw cause;
    throw new UsageError(reason(options), { cause });
  }
}

type Reason = (options: TestServerOptions) => string;

const wrongHost: Reason = ({ host = '' }) =>
  `--host must be an address of this machine, such as --host 127.0.0.1: got ${quoted(host)}`;

const reasons: ReadonlyMap<string, Reason> = new Map<string, Reason>([
  ['EADDRINUSE', ({ port = 0 }) => `--port ${port} is in use; choose another, or omit --port to use any free port`],
  ['EACCES', ({ port = 0 }) => `--port ${port} needs more privileges; choose a port above 1023, or omit --port`],
  ['EADDRNOTAVAIL', wrongHost],
  ['ENOTFOUND', wrongHost],
  ['EAI_AGAIN', wrongHost],
  ['EINVAL', wrongHost],
]);
