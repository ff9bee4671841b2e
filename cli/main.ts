import { InputError } from '../src/inputs/input-error.ts';
import { OutputError } from '../src/outputs/files/output-error.ts';
import { printable } from '../src/text/printable.ts';
import { commands } from './commands.ts';
import { exitCodes } from './exit-code.ts';
import { nearest } from './flags/nearest.ts';
import { quoted } from './flags/quoted.ts';
import { say } from './rows/say.ts';
import { UsageError } from './flags/usage-error.ts';

/** Runs one command line to its end, and sets the exit code. */
export async function main(argv: readonly string[]): Promise<void> {
  const isVerbose = argv.includes('-v') || argv.includes('--verbose');
  // Nobody may be listening any more; that alone is no reason to stop.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  tellWarnings();
  process.on('uncaughtException', (error) => process.exit(tell(error, isVerbose)));
  try {
    process.exitCode = await run(argv);
  } catch (error) {
    process.exitCode = tell(error, isVerbose);
  }
}

/** A warning of ours is for the person at the terminal, on one line as all we say; any other is Node's to tell. */
function tellWarnings(): void {
  const others = process.listeners('warning');
  process.removeAllListeners('warning');
  process.on('warning', (warning) => {
    if (warning.name === 'FetchmanyWarning') say(`WARNING: ${printable(warning.message)}`);
    else for (const listener of others) listener(warning);
  });
}

// Each command is loaded only when it is asked for: the start is what a person waits for most often.
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
    case 'completion':
      return (await import('./completion/completion.ts')).completionCommand(rest);
    case 'fetch':
      return (await import('./fetch/fetch.ts')).fetchCommand(rest);
    case 'help':
      return run([...commandToExplain(rest), '--help']);
    default:
      refuseNearMiss(first);
      return (await import('./fetch/fetch.ts')).fetchCommand(argv);
  }
}

function commandToExplain([word = 'help']: readonly string[]): string[] {
  if (word === 'help' || word.startsWith('-')) return [];
  if (Object.hasOwn(commands, word)) return [word];
  const meant = nearest(word, Object.keys(commands));
  throw new UsageError(
    `there is no command ${quoted(word)}; ${meant === undefined ? 'see fetchmany --help' : `did you mean ${meant}?`}`,
  );
}

/** A mistyped command would else be taken for a URL, and a bad one. */
function refuseNearMiss(word = ''): void {
  const meant = /^[a-z]+$/.test(word) ? nearest(word, Object.keys(commands)) : undefined;
  if (meant !== undefined) throw new UsageError(`${word} is neither a URL nor a command; did you mean ${meant}?`);
}

/** Says on one line what went wrong, and gives the exit code for it. */
function tell(error: unknown, isVerbose: boolean): number {
  if (error instanceof OutputError && error.closedByReader) return exitCodes.ok;
  const expected = expectedCodes.find(([type]) => error instanceof type);
  if (expected) {
    say((error as Error).message);
    return expected[1];
  }
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  say(`internal error: ${printable(message)} (-v shows where; please report it)`);
  if (isVerbose && stack !== undefined) process.stderr.write(`${stack.split('\n').map(printable).join('\n')}\n`);
  return exitCodes.internal;
}

const expectedCodes = [
  [UsageError, exitCodes.usage],
  [InputError, exitCodes.input],
  [OutputError, exitCodes.output],
] as const;
