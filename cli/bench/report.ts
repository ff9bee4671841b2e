import { cpus, availableParallelism } from 'node:os';
import { formatCount, formatDuration, formatRate } from '../../src/text/quantity.ts';
import { printable } from '../../src/text/printable.ts';
import { version } from '../../src/version.ts';
import { choiceRule, type LevelBound, type Choice } from './choice.ts';
import { errorCount, type LevelFigures } from './level-figures.ts';
import type { BenchPlan } from './bench-plan.ts';
import { plural } from './plural.ts';

/** All that a benchmark came to. */
export interface Report {
  readonly source: 'your list' | 'embedded server';
  readonly plan: BenchPlan;
  /** Lines of the list that were used. */
  readonly urls: number;
  readonly hosts: number;
  readonly levels: readonly LevelFigures[];
  readonly choice: Choice | undefined;
}

/** For machines: one object on one line. */
export function renderJson({ source, plan, urls, hosts, levels, choice }: Report): string {
  const { rounds, requests, perHost } = plan;
  return `${JSON.stringify({
    source,
    urls,
    hosts,
    rounds,
    requests,
    perHost: perHost ?? null,
    machine: machine(),
    node: process.version,
    versions: { fetchmany: version, v8: process.versions.v8, openssl: process.versions.openssl },
    levels,
    choice: choice ?? null,
    rule: choiceRule,
  })}\n`;
}

/** For people: a table, and what it says. */
export function renderText(report: Report): string {
  const { plan, levels, choice } = report;
  const { cpu, cores } = machine();
  const lines = [
    ...wrapped(`${cpu}, ${plural(cores, 'core')}, Node ${process.version}, fetchmany ${version}`),
    ...wrapped(`${sourceWords(report)}: ${requestWords(plan)}, medians of ${plural(plan.rounds, 'round')}`),
    '',
    row(heads),
    ...levels.map((figures) => row(cells(figures))),
    '',
    ...separated(errorLines(levels).flatMap(wrapped)),
    ...(choice
      ? [...wrapped(advice(report, choice)), '', ...wrapped(boundWords(report, choice))]
      : ['Nothing was ok.']),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly platform: string;
}

/** Where it was measured. */
export function machine(): Machine {
  const cpu = cpus()[0]?.model.trim() ?? 'unknown CPU';
  return { cpu, cores: availableParallelism(), platform: `${process.platform} ${process.arch}` };
}

/** What was asked for. */
export function sourceWords({ source, urls, hosts }: Report): string {
  if (source === 'embedded server') return 'The embedded server, 20 ms a page';
  return `Your list, ${plural(urls, 'URL')} of ${plural(hosts, 'host')}`;
}

/** How often. */
export function requestWords({ requests }: BenchPlan): string {
  return `${plural(requests, 'request')} a round`;
}

/** The heads of the table. */
export const heads: readonly string[] = ['level', 'ok/s', 'spread', 'speed-up', 'p50', 'p90', 'p99', 'CPU', 'errors'];

const widths = [5, 8, 7, 9, 9, 9, 9, 5, 7];

function row(texts: readonly string[]): string {
  return texts.map((text, at) => text.padStart(widths[at]!)).join(' ');
}

/** The figures of a level as text, under {@link heads}. */
export function cells(figures: LevelFigures): string[] {
  const { level, perSecond, speedUp, p50Ms, p90Ms, p99Ms, cpuShare, ok } = figures;
  const times = [p50Ms, p90Ms, p99Ms].map((time) => (ok === 0 ? '-' : precise(time)));
  const spread = ok === 0 ? '-' : percent((perSecond.most - perSecond.least) / perSecond.median);
  const speed = Number.isFinite(speedUp) ? `${formatRate(speedUp)} x` : '-';
  return [
    String(level),
    formatRate(perSecond.median),
    spread,
    speed,
    ...times,
    percent(cpuShare),
    formatCount(errorCount(figures)),
  ];
}

/** On loopback whole requests take less than a tenth of a millisecond. */
export function precise(milliseconds: number): string {
  return milliseconds < 0.95 ? `${Math.round(milliseconds * 1000)} us` : formatDuration(milliseconds);
}

function percent(share: number): string {
  return `${Math.round(share * 100)}%`;
}

/** What was not ok, a line for each level. */
export function errorLines(levels: readonly LevelFigures[]): string[] {
  return levels.flatMap(({ level, errors }) => {
    const parts = Object.entries(errors).map(([label, times]) => `${formatCount(times)} x ${printable(label)}`);
    return parts.length === 0 ? [] : [`Level ${level} failed: ${parts.join(', ')}.`];
  });
}

function separated(lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [...lines, ''];
}

/** Which level to take, and why. */
export function advice({ plan }: Report, { level }: Choice): string {
  const flags = `-c ${level} --per-host ${plan.perHost ?? level}`;
  return `Choose ${flags}: ${choiceRule}.`;
}

/** What keeps that level from being faster. */
export function boundWords({ plan, levels }: Report, { level, bound }: Choice): string {
  const { cpuShare } = levels.find((figures) => figures.level === level)!;
  return `What bounds it: ${reasons[bound]({ level, cpuShare, perHost: plan.perHost ?? level })}.`;
}

interface BoundFacts {
  readonly level: number;
  readonly cpuShare: number;
  readonly perHost: number;
}

const reasons: Readonly<Record<LevelBound, (facts: BoundFacts) => string>> = {
  'client-cpu': ({ cpuShare }) => `this process, which used ${percent(cpuShare)} of a core`,
  'per-host': ({ perHost }) => `our own limit, --per-host ${perHost}`,
  level: ({ level }) =>
    `the level itself; throughput still grew with it. Try --levels ${level},${2 * level},${4 * level}`,
  server: ({ cpuShare }) => `the server or the network; this process used ${percent(cpuShare)} of a core`,
};

const columns = 80;

function wrapped(text: string): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
