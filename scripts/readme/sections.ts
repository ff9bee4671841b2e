import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { benchFlags } from '../../cli/bench/bench-flags.ts';
import { commands } from '../../cli/commands.ts';
import { fetchFlags } from '../../cli/fetch/fetch-flags.ts';
import { defaultOf } from '../../cli/flags/flag-default.ts';
import type { DescribedFlag, DescribedFlags } from '../../cli/flags/flag-table.ts';
import { spelling } from '../../cli/flags/render-help.ts';
import { reportFlags } from '../../cli/report/report-flags.ts';
import { serveFlags } from '../../cli/serve/serve-flags.ts';
import { resolveOptions } from '../../src/fetcher/options.ts';

/** The sections of the README that are made from the tables of flags, by their names. */
export const sections: Readonly<Record<string, () => string>> = { modes, options, commands: otherCommands };

const readmePath = fileURLToPath(new URL('../../README.md', import.meta.url));

/** The README as it is. */
export function readReadme(): string {
  return readFileSync(readmePath, 'utf8');
}

/** The README with all its sections made anew. Throws if one has no place there. */
export function renewed(readme: string): string {
  return Object.entries(sections).reduce((text, [name, make]) => {
    const start = `<!-- ${name}: made by npm run readme -->\n`;
    const end = `<!-- end of ${name} -->`;
    const from = text.indexOf(start);
    const to = text.indexOf(end, from);
    if (from < 0 || to < 0) throw new Error(`The README has no place for the section '${name}'`);
    return `${text.slice(0, from)}${start}\n${make()}\n${text.slice(to)}`;
  }, readme);
}

/** Writes it. */
export function writeReadme(text: string): void {
  writeFileSync(readmePath, text);
}

type Mode = keyof typeof fetchFlags.mode.words;

const uses: Readonly<Record<Mode, readonly [use: string, call: string]>> = {
  'as-completed': ['long lists, pipes, whatever needs no order', '`asCompleted(urls)`'],
  gather: ['rows that are to line up with the list', '`gather(urls, { returnExceptions: true })`'],
  sequential: ['a site that wants it slow (with `--delay`), or a base line', '`sequential(urls, { intervalMs })`'],
};

function modes(): string {
  const rows = Object.entries(fetchFlags.mode.words).map(([mode, what]) => [
    `\`${mode}\`${mode === fetchFlags.mode.byDefault ? ' (default)' : ''}`,
    what,
    ...uses[mode as Mode],
  ]);
  return table([['`--mode`', 'rows come', 'use it for', 'in the library'], ...rows]);
}

function options(): string {
  const rows: string[][] = [['option', 'default', 'library', '']];
  let head: string | undefined;
  for (const [name, flag] of Object.entries<DescribedFlag>(fetchFlags)) {
    if (flag.group !== head) rows.push([`**${flag.group}**`, '', '', '']);
    head = flag.group;
    rows.push([code(spelling(name, flag)), byDefault(flag), flag.option ? code(flag.option) : '', meaning(flag)]);
  }
  return table(rows);
}

function otherCommands(): string {
  const all: readonly (readonly [line: string, what: string, flags: DescribedFlags])[] = [
    ['fetchmany report RESULTS.jsonl [MORE...]', commands.report, reportFlags],
    ['fetchmany bench [URL...]', commands.bench, benchFlags],
    ['fetchmany serve', commands.serve, serveFlags],
    ['fetchmany demo', commands.demo, {}],
    ['fetchmany completion bash', `${commands.completion}: bash, zsh or fish`, {}],
  ];
  const rows = all.flatMap(([line, what, flags]) => [
    [`**\`${line}\`**`, '', what],
    ...Object.entries(flags)
      .filter(([name]) => name !== 'help')
      .map(([name, flag]) => [code(spelling(name, flag)), byDefault(flag), meaning(flag)]),
  ]);
  return table([['command', 'default', ''], ...rows]);
}

function byDefault(flag: DescribedFlag): string {
  const text = defaultOf(flag, resolveOptions()) ?? '';
  return /^[\w.,-]+$/.test(text) && text !== 'none' ? code(text) : text;
}

function meaning({ what, words = {} }: DescribedFlag): string {
  const all = Object.entries(words).map(([word, means]) => `${code(word)} ${means}`);
  return all.length === 0 ? what : `${what}: ${all.join('; ')}`;
}

function code(text: string): string {
  return `\`${text}\``;
}

/** A table as Prettier would lay it out. The first row is its head. */
function table(rows: readonly (readonly string[])[]): string {
  const cells = rows.map((row) => row.map((cell) => cell.replaceAll('|', String.raw`\|`)));
  const widths = cells[0]!.map((_, column) => Math.max(3, ...cells.map((row) => row[column]!.length)));
  const lines = cells.map((row) => `| ${row.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`);
  lines.splice(1, 0, `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`);
  return `${lines.join('\n')}\n`;
}
