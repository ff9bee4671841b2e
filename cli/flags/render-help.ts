import { resolveOptions } from '../../src/fetcher/options.ts';
import { wrap } from '../../src/text/wrap.ts';
import { defaultOf } from './flag-default.ts';
import type { DescribedFlag, DescribedFlags } from './flag-table.ts';

/** What the help of a command is made of. */
export interface Help {
  /** The command lines there are. */
  readonly usage: readonly string[];
  /** What it does. */
  readonly intro: string;
  readonly flags: DescribedFlags;
  /** What else there is to know: a head, and its lines. */
  readonly notes?: readonly (readonly [head: string, ...lines: string[]])[];
}

/** The help of a command, for a terminal of 80 columns: its flags under their heads, with what they are without being given. */
export function renderHelp({ usage, intro, flags, notes = [] }: Help): string {
  const sections = [
    usage.map((line, at) => `${at === 0 ? 'Usage:' : '      '} ${line}`).join('\n'),
    wrap(intro, columns).join('\n'),
    ...renderGroups(flags),
    ...notes.map(([head, ...lines]) => [head, ...lines.map((line) => `  ${line}`)].join('\n')),
  ];
  return `${sections.join('\n\n').replaceAll(noBreak, ' ')}\n`;
}

/** A flag as it is typed: `-c, --concurrency N`. */
export function spelling(name: string, { short, value }: DescribedFlag): string {
  const long = value === undefined ? `--${name}` : `--${name} ${value}`;
  return short === undefined ? long : `-${short}, ${long}`;
}

const columns = 80;
/** Between the names and what they mean. */
const gap = 2;

function renderGroups(flags: DescribedFlags): string[] {
  const options = resolveOptions();
  const names = new Map(Object.entries(flags).map(([name, flag]) => [name, indented(name, flag)]));
  const start = Math.max(...Array.from(names.values(), ({ length }) => length)) + gap;
  const groups = new Map<string, string[]>();
  for (const [name, flag] of Object.entries(flags)) {
    const byDefault = defaultOf(flag, options);
    const what =
      flag.what + (byDefault === undefined || byDefault === 'none' ? '' : ` ${unbroken(`(default ${byDefault})`)}`);
    const lines = [...wrap(what, columns - start), ...wordLines(flag.words ?? {}, columns - start)];
    const shown = lines.map((line, at) => (at === 0 ? names.get(name)! : '').padEnd(start) + line);
    groups.set(flag.group, [...(groups.get(flag.group) ?? [flag.group]), ...shown]);
  }
  return Array.from(groups.values(), (lines) => lines.join('\n'));
}

/** Long names stand below each other, whether they have a letter or not. */
function indented(name: string, flag: DescribedFlag): string {
  return (flag.short === undefined ? '      ' : '  ') + spelling(name, flag);
}

function wordLines(words: Readonly<Record<string, string>>, width: number): string[] {
  const start = Math.max(0, ...Object.keys(words).map(({ length }) => length)) + gap;
  return Object.entries(words).flatMap(([word, what]) =>
    wrap(what, width - start).map((line, at) => (at === 0 ? word : '').padEnd(start) + line),
  );
}

/** Stays on one line, if it is short. */
function unbroken(text: string): string {
  return text.length <= maxUnbroken ? text.replaceAll(' ', noBreak) : text;
}

const noBreak = '\u00a0';
const maxUnbroken = 24;
