import { resolveOptions } from '../../src/fetcher/options.ts';
import { wrap } from '../../src/text/wrap.ts';
import { defaultOf } from './flag-default.ts';
import type { DescribedFlag, DescribedFlags } from './flag-table.ts';

/** The help of a command: the source of `--help` and of docs/cli.md. */
export interface Help {
  /** The forms of the command line. */
  readonly usage: readonly string[];
  /** A sentence or two about the command. */
  readonly intro: string;
  readonly flags: DescribedFlags;
  /** Further sections: a heading and its lines. */
  readonly notes?: readonly (readonly [heading: string, ...lines: string[]])[];
}

/** Renders the help of a command for 80 columns: its flags with their defaults, by group. */
export function renderHelp({ usage, intro, flags, notes = [] }: Help): string {
  const sections = [
    usage.map((line, at) => `${at === 0 ? 'Usage:' : '      '} ${line}`).join('\n'),
    wrap(intro, columns).join('\n'),
    ...renderGroups(flags),
    ...notes.map(([heading, ...lines]) => [heading, ...lines.map((line) => `  ${line}`)].join('\n')),
  ];
  return `${sections.join('\n\n').replaceAll(noBreak, ' ')}\n`;
}

/** Returns a flag as it is typed: `-c, --concurrency N`. */
export function spelling(name: string, { short, value, isOptional }: DescribedFlag): string {
  const long = value === undefined ? `--${name}` : isOptional ? `--${name}[=${value}]` : `--${name} ${value}`;
  return short === undefined ? long : `-${short}, ${long}`;
}

const columns = 80;
/** Columns between names and descriptions. */
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

/** Aligns the long names, with or without a one-letter form in front. */
function indented(name: string, flag: DescribedFlag): string {
  return (flag.short === undefined ? '      ' : '  ') + spelling(name, flag);
}

function wordLines(words: Readonly<Record<string, string>>, width: number): string[] {
  const start = Math.max(0, ...Object.keys(words).map(({ length }) => length)) + gap;
  return Object.entries(words).flatMap(([word, what]) =>
    wrap(what, width - start).map((line, at) => (at === 0 ? word : '').padEnd(start) + line),
  );
}

/** Keeps a short text on one line. */
function unbroken(text: string): string {
  return text.length <= maxUnbroken ? text.replaceAll(' ', noBreak) : text;
}

const noBreak = '\u00a0';
const maxUnbroken = 24;
