import { createFetcher, type ResultStream } from '../../src/fetcher/fetcher.ts';
import { formatRate } from '../../src/text/quantity.ts';
import { text } from '../../src/outputs/formats/text.ts';
import { isTerminalOutput } from '../rows/is-terminal-output.ts';
import { usesColor } from '../rows/uses-color.ts';
import { demoFlags } from './demo-flags.ts';
import { exitCodes } from '../exit-code.ts';
import { printHelp } from '../flags/print-help.ts';
import { readFlags, requireNoWords } from '../flags/flags.ts';
import { programName } from '../process/program-name.ts';
import { startServer } from '../server/server.ts';

/** Runs `fetchmany demo`: five slow pages, one at a time and then concurrently. Returns the exit code. */
export async function demoCommand(argv: readonly string[]): Promise<number> {
  const flags = readFlags(argv, demoFlags, 'fetchmany demo');
  if (flags.has('help')) {
    await printHelp((await import('./demo-help.ts')).demoHelp);
    return exitCodes.ok;
  }
  requireNoWords(flags.words, 'demo');
  await show(!flags.has('no-color') && usesColor({ isTerminal: isTerminalOutput(), env: process.env }));
  return exitCodes.ok;
}

const delays = [1, 2, 1, 2, 1];

async function show(color: boolean): Promise<void> {
  const server = await startServer();
  const fetcher = createFetcher();
  const urls = delays.map((seconds) => `${server.url}/delay/${seconds}`);
  try {
    print(`Five pages that take ${delays.join(', ')} seconds to load. One at a time:\n\n`);
    const sequentialMs = await printAll(fetcher.sequential(urls), color);
    print('Concurrently, in order of completion:\n\n');
    const concurrentMs = await printAll(fetcher.asCompleted(urls), color);
    print(`${formatRate(sequentialMs / concurrentMs)}x faster. To fetch your own list, one URL per line:\n\n`);
    print(`  ${programName()} -i urls.txt\n`);
  } finally {
    await fetcher.close();
    await server.close();
  }
}

/** Prints each result when it arrives, then the total time. Resolves with that time in milliseconds. */
async function printAll(results: ResultStream, color: boolean): Promise<number> {
  const { row } = text({ color });
  const startedAt = performance.now();
  for await (const result of results) print(`  ${row(result)}`);
  const totalMs = performance.now() - startedAt;
  print(`\n  total ${(totalMs / 1000).toFixed(3)}s\n\n`);
  return totalMs;
}

function print(words: string): void {
  process.stdout.write(words);
}
