import { ColumnError } from '../src/inputs/column-error.ts';
import { InputError } from '../src/inputs/input-error.ts';
import { OutputError } from '../src/outputs/files/output-error.ts';
import { printable } from '../src/text/printable.ts';
import { commands, type CommandName } from './commands.ts';
import { exitCodes } from './exit-code.ts';
import { nearest } from './flags/nearest.ts';
import { quoted } from './flags/quoted.ts';
import { say } from './rows/say.ts';
import { UsageError } from './flags/usage-error.ts';

/** Runs one command line and sets the exit code. */
export async function main(argv: readonly string[]): Promise<void> {
  const isVerbose = argv.includes('-v') || argv.includes('--verbose');
  // stdout or stderr may be closed (`| head`). Ignore EPIPE here: the writers handle it.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  printWarnings();
  process.on('uncaughtException', (error) => process.exit(reportError(error, isVerbose)));
  try {
    process.exitCode = await run(argv);
  } catch (error) {
    process.exitCode = reportError(error, isVerbose);
  }
}

/** Prints our own warnings on one line, as all messages; leaves any other warning to Node. */
function printWarnings(): void {
  const others = process.listeners('warning');
  process.removeAllListeners('warning');
  process.on('warning', (warning) => {
    if (warning.name === 'FetchmanyWarning') say(`WARNING: ${printable(warning.message)}`);
    else for (const listener of others) listener(warning);
  });
}

// Loads a command only when it is used, which keeps the start-up short.
async function run(argv: readonly string[]): Promise<number> {
  const [first, ...rest] = argv;
  switch (first) {
    case 'demo':
      return (await import('./demo/demo.ts')).demoCommand(rest);
    case 'serve':
      return (await import('./serve/serve.ts')).serveCommand(rest);
    case 'bench':
      return (await import('./bench/bench.ts')).benchCommand(rest);
    case 'report':
      return (await import('./report/report.ts')).reportCommand(rest);
    case 'diff':
      return (await import('./diff/diff.ts')).diffCommand(rest);
    case 'worker':
      return (await import('./worker/worker.ts')).workerCommand(rest);
    case 'status':
      return (await import('./status/status.ts')).statusCommand(rest);
    case 'completion':
      return (await import('./completion/completion.ts')).completionCommand(rest);
    case 'fetch':
      return (await import('./fetch/fetch.ts')).fetchCommand(rest);
    case 'help':
      return run([...commandToExplain(rest), '--help']);
    case '--help':
    case '-h':
      if (isCommand(rest[0])) return run([rest[0], '--help']);
      return (await import('./fetch/fetch.ts')).fetchCommand(argv);
    default:
      refuseNearMiss(first);
      return (await import('./fetch/fetch.ts')).fetchCommand(argv);
  }
}

function commandToExplain([word = 'help']: readonly string[]): string[] {
  if (word === 'help' || word.startsWith('-')) return [];
  if (isCommand(word)) return [word];
  const meant = nearest(word, Object.keys(commands));
  throw new UsageError(
    `unknown command ${quoted(word)}; ${meant === undefined ? 'see fetchmany --help' : `did you mean ${meant}?`}`,
  );
}

function isCommand(word = ''): word is CommandName {
  return Object.hasOwn(commands, word);
}

/** Refuses a mistyped command, and one of other programs, which would otherwise be fetched as a host. */
function refuseNearMiss(word = ''): void {
  const advice = foreignCommands.get(word);
  if (advice !== undefined) throw new UsageError(`there is no command ${word}: ${advice}; a host is https://${word}`);
  const meant = /^[a-z]+$/.test(word) ? nearest(word, Object.keys(commands)) : undefined;
  if (meant !== undefined) throw new UsageError(`${word} is not a command or a URL; did you mean ${meant}?`);
}

const foreignCommands: ReadonlyMap<string, string> = new Map([
  ['version', 'fetchmany --version shows the version'],
  ['get', 'fetchmany URL fetches'],
  ['download', 'fetchmany URL --save DIR saves bodies'],
  ['crawl', 'fetchmany --sitemap URL fetches the pages of a site'],
  ['check', 'fetchmany -i FILE checks a list'],
  ['run', 'fetchmany -i FILE fetches a list'],
  ['resume', 'the command of the run with --resume continues it'],
  ['compare', 'fetchmany diff compares two runs'],
  ['summary', 'fetchmany report summarizes records'],
  ['stats', 'fetchmany report summarizes records'],
  ['benchmark', 'fetchmany bench measures'],
]);

/** Prints an error on one line and returns its exit code. */
function reportError(error: unknown, isVerbose: boolean): number {
  if (error instanceof OutputError && error.closedByReader) return exitCodes.ok;
  const expected = expectedCodes.find(([type]) => error instanceof type);
  if (expected) {
    say((error as Error).message);
    return expected[1];
  }
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  say(`internal error: ${printable(message)} (please report it; -v prints the stack)`);
  if (isVerbose && stack !== undefined) process.stderr.write(`${stack.split('\n').map(printable).join('\n')}\n`);
  return exitCodes.internal;
}

const expectedCodes = [
  [UsageError, exitCodes.usage],
  [ColumnError, exitCodes.usage],
  [InputError, exitCodes.input],
  [OutputError, exitCodes.output],
] as const;
