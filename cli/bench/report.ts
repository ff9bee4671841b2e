import { cpus, availableParallelism } from 'node:os';
import { formatCount, formatDuration, formatRate, percent, plural } from '../../src/text/quantity.ts';
import { printable } from '../../src/text/printable.ts';
import { wrap } from '../../src/text/wrap.ts';
import { version } from '../../src/version.ts';
import { choiceRule, type Choice, type LevelBottleneck } from './choice.ts';
import { errorCount, type LevelFigures } from './level-figures.ts';
import type { BenchPlan } from './bench-plan.ts';

/** Results of a benchmark. */
export interface Report {
  readonly source: 'your list' | 'embedded server';
  readonly plan: BenchPlan;
  /** Number of URLs in the list. */
  readonly urls: number;
  readonly hosts: number;
  readonly levels: readonly LevelFigures[];
  readonly choice: Choice | undefined;
}

/** Renders the report as JSON: one object on one line. */
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

/** Renders the report as text: a table, the recommended level, and the bottleneck. */
export function renderText(report: Report): string {
  const { plan, levels, choice } = report;
  const { cpu, cores } = machine();
  const lines = [
    ...wrap(`${cpu}, ${plural(cores, 'core')}, Node ${process.version}, fetchmany ${version}`, columns),
    ...wrap(`${sourceWords(report)}: ${planWords(plan)}`, columns),
    '',
    row(heads),
    ...levels.map((figures) => row(cells(figures))),
    '',
    ...separated(errorLines(levels).flatMap((line) => wrap(line, columns))),
    ...(choice
      ? [...wrap(advice(report, choice), columns), '', ...wrap(bottleneckSentence(report, choice), columns)]
      : [nothingOk]),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly platform: string;
}

/** Describes the machine that runs the benchmark. */
export function machine(): Machine {
  const cpu = cpus()[0]?.model.trim() ?? 'unknown CPU';
  return { cpu, cores: availableParallelism(), platform: `${process.platform} ${process.arch}` };
}

/** Names the requested URLs: `Your list (2 URLs on 1 host)`. */
export function sourceWords({ source, urls, hosts }: Report): string {
  if (source === 'embedded server') return 'Built-in test server (20 ms per response)';
  return `Your list (${plural(urls, 'URL')} on ${plural(hosts, 'host')})`;
}

/** Names the amount of work: `96 requests per level and round, medians of 3 rounds`. */
export function planWords({ requests, rounds }: BenchPlan): string {
  const figures = rounds === 1 ? '1 round' : `medians of ${plural(rounds, 'round')}`;
  return `${plural(requests, 'request')} per level and round, ${figures}`;
}

/** Replaces the advice if no level has a successful request. */
export const nothingOk = 'Every request failed.';

/** Column titles of the table. */
export const heads: readonly string[] = ['level', 'ok/s', 'spread', 'speed-up', 'p50', 'p90', 'p99', 'CPU', 'errors'];

const widths = [5, 8, 7, 9, 9, 9, 9, 5, 7];

function row(texts: readonly string[]): string {
  return texts.map((text, at) => text.padStart(widths[at]!)).join(' ');
}

/** Formats the figures of a level, one text for each of the {@link heads}. */
export function cells(figures: LevelFigures): string[] {
  const { level, perSecond, speedUp, p50Ms, p90Ms, p99Ms, cpuShare, ok } = figures;
  const times = [p50Ms, p90Ms, p99Ms].map((time) => (ok === 0 ? '-' : formatLatency(time)));
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

/** Formats a latency. On loopback a request may take less than a tenth of a millisecond. */
export function formatLatency(milliseconds: number): string {
  return milliseconds < 0.95 ? `${Math.round(milliseconds * 1000)} us` : formatDuration(milliseconds);
}

/** Lists the errors of each level, one line per level. */
export function errorLines(levels: readonly LevelFigures[]): string[] {
  return levels.flatMap(({ level, errors }) => {
    const parts = Object.entries(errors).map(([label, times]) => `${formatCount(times)} x ${printable(label)}`);
    return parts.length === 0 ? [] : [`Errors at level ${level}: ${parts.join(', ')}.`];
  });
}

function separated(lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [...lines, ''];
}

/** Recommends a level and says why. */
export function advice({ plan }: Report, { level }: Choice): string {
  const flags = `-c ${level} --per-host ${plan.perHost ?? level}`;
  return `Recommended: ${flags}, ${choiceRule}.`;
}

/** Names the bottleneck of the recommended level. */
export function bottleneckSentence({ plan, levels }: Report, { level, bound }: Choice): string {
  const { cpuShare } = levels.find((figures) => figures.level === level)!;
  return `Bottleneck: ${reasons[bound]({ level, cpuShare, perHost: plan.perHost ?? level })}.`;
}

interface BottleneckFacts {
  readonly level: number;
  readonly cpuShare: number;
  readonly perHost: number;
}

const reasons: Readonly<Record<LevelBottleneck, (facts: BottleneckFacts) => string>> = {
  'client-cpu': ({ cpuShare }) => `this process, which used ${percent(cpuShare)} of a core`,
  'per-host': ({ perHost }) => `the limit --per-host ${perHost}`,
  level: ({ level }) => `concurrency; throughput was still growing. Try --levels ${level},${2 * level},${4 * level}`,
  server: ({ cpuShare }) => `the server or the network; this process used ${percent(cpuShare)} of a core`,
};

/** Width of the text. */
const columns = 80;
