import { isatty } from 'node:tty';
import { createFetcher, type ResultStream } from '../../src/fetcher/fetcher.ts';
import { formatRate } from '../../src/text/quantity.ts';
import { text } from '../../src/outputs/formats/text.ts';
import { usesColor } from '../rows/uses-color.ts';
import { demoFlags } from './demo-flags.ts';
import { exitCodes } from '../exit-code.ts';
import { readFlags } from '../flags/flags.ts';
import { programName } from '../process/program-name.ts';
import { quoted } from '../flags/quoted.ts';
import { startServer } from '../server/server.ts';
import { UsageError } from '../flags/usage-error.ts';

/** `fetchmany demo`: the same five slow pages one by one, and then together. */
export async function demoCommand(argv: readonly string[]): Promise<number> {
  const flags = readFlags(argv, demoFlags);
  if (flags.has('help')) {
    process.stdout.write((await import('./demo-help.ts')).demoHelp());
    return exitCodes.ok;
  }
  const [word] = flags.words;
  if (word !== undefined) throw new UsageError(`demo takes no ${quoted(word)}; see fetchmany demo --help`);
  await show(!flags.has('no-color') && usesColor({ isTerminal: isatty(1), env: process.env }));
  return exitCodes.ok;
}

const delays = [1, 2, 1, 2, 1];

async function show(color: boolean): Promise<void> {
  const server = await startServer();
  const fetcher = createFetcher();
  const urls = delays.map((seconds) => `${server.url}/delay/${seconds}`);
  try {
    print(`Five pages, which take ${delays.join(', ')} seconds to come. One by one:\n\n`);
    const oneByOneMs = await printAll(fetcher.sequential(urls), color);
    print('Together, each as it is done:\n\n');
    const togetherMs = await printAll(fetcher.asCompleted(urls), color);
    print(`${formatRate(oneByOneMs / togetherMs)} times as fast. With a list of your own, one URL per line:\n\n`);
    print(`  ${programName()} -i urls.txt\n`);
  } finally {
    await fetcher.close();
    await server.close();
  }
}

/** Prints each result when it comes, and what all took. Resolves with that, in milliseconds. */
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
