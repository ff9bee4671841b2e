import { cpus, availableParallelism } from 'node:os';
import { formatCount, formatDuration, formatRate, percent, plural } from '../../src/text/quantity.ts';
import { printable } from '../../src/text/printable.ts';
import { wrap } from '../../src/text/wrap.ts';
import { version } from '../../src/version.ts';
import { choiceRule, noisyLevels, type Choice, type LevelBottleneck } from './choice.ts';
import { errorCount, type LevelFigures } from './level-figures.ts';
import { perHostOf, type BenchPlan } from './bench-plan.ts';

/** Results of a benchmark. */
export interface Report {
  readonly source: 'your list' | 'embedded server';
  readonly plan: BenchPlan;
  /** Number of URLs in the list. */
  readonly urls: number;
  readonly hosts: number;
  readonly levels: readonly LevelFigures[];
  /** Recommended level; undefined with `--once`, if every request failed, and if the figures are too noisy. */
  readonly choice: Choice | undefined;
}

/** Renders the report as JSON: one object on one line. */
export function renderJson({ source, plan, urls, hosts, levels, choice }: Report): string {
  const { isOnce, rounds, requests, perHost } = plan;
  return `${JSON.stringify({
    source,
    once: isOnce,
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
    tooNoisy: isOnce ? [] : noisyLevels(levels).map(({ level }) => level),
    rule: choiceRule,
  })}\n`;
}

/** Renders the report as text: a table, and the conclusions. */
export function renderText(report: Report): string {
  const { plan, levels } = report;
  const { cpu, cores } = machine();
  const lines = [
    ...wrap(`${cpu}, ${plural(cores, 'core')}, Node ${process.version}, fetchmany ${version}`, columns),
    ...wrap(`${sourceWords(report)}: ${planWords(plan)}`, columns),
    '',
    row(heads),
    ...levels.map((figures) => row(cells(figures))),
    '',
    ...separated(errorLines(levels).flatMap((line) => wrap(line, columns))),
    ...conclusions(report).flatMap((text, at) => [...(at === 0 ? [] : ['']), ...wrap(text, columns)]),
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
export function planWords({ isOnce, requests, rounds }: BenchPlan): string {
  if (isOnce) return 'each URL once per level';
  const figures = rounds === 1 ? '1 round' : `medians of ${plural(rounds, 'round')}`;
  return `${plural(requests, 'request')} per level and round, ${figures}`;
}

/** Returns what the figures say, a text for each paragraph. */
export function conclusions(report: Report): string[] {
  const { plan, levels, choice } = report;
  if (levels.every(({ ok }) => ok === 0)) return ['Every request failed.'];
  if (plan.isOnce) return [comparison(report)];
  if (choice === undefined) return [tooNoisy(levels)];
  const hint = 'One round does not show how much the figures vary; use --repeat 3 to find out.';
  return [...(plan.rounds === 1 ? [hint] : []), advice(report, choice), bottleneckSentence(report, choice)];
}

/** Compares the list one by one with the list at its highest level. */
function comparison({ plan, levels, hosts }: Report): string {
  const first = levels[0]!;
  const last = levels.at(-1)!;
  if (first === last) return `One by one: ${formatDuration(first.wallMs)}.`;
  const perHost = perHostOf(plan, last.level);
  const flags = `-c ${last.level} --per-host ${perHost}`;
  const times = `one by one ${formatDuration(first.wallMs)}, with ${flags} ${formatDuration(last.wallMs)}`;
  if (first.ok !== last.ok) {
    const counts = `${formatCount(first.ok)} and ${formatCount(last.ok)} requests succeeded`;
    return `Not comparable, as ${counts}: ${times}.`;
  }
  const most = perHost * hosts;
  const limit = `--per-host ${perHost} allowed only ${plural(most, 'concurrent request')}; a higher one may be faster.`;
  return `Speed-up: ${formatRate(first.wallMs / last.wallMs)} x (${times}).${most < last.level ? ` ${limit}` : ''}`;
}

function tooNoisy(levels: readonly LevelFigures[]): string {
  const parts = noisyLevels(levels).map(({ level, spread }) => `${percent(spread!)} at level ${level}`);
  return `Too noisy to choose: the throughput of the rounds differs by ${parts.join(', ')}. Measure on a quiet machine, or raise --requests and --repeat.`;
}

/** Column titles of the table. */
export const heads: readonly string[] = ['level', 'ok/s', 'spread', 'speed-up', 'p50', 'p90', 'p99', 'CPU', 'errors'];

const widths = [5, 8, 7, 9, 9, 9, 9, 5, 7];

function row(texts: readonly string[]): string {
  return texts.map((text, at) => text.padStart(widths[at]!)).join(' ');
}

/** Formats the figures of a level, one text for each of the {@link heads}. */
export function cells(figures: LevelFigures): string[] {
  const { level, perSecond, spread, speedUp, p50Ms, p90Ms, p99Ms, cpuShare, ok } = figures;
  const times = [p50Ms, p90Ms, p99Ms].map((time) => (ok === 0 ? '-' : formatLatency(time)));
  const speed = Number.isFinite(speedUp) ? `${formatRate(speedUp)} x` : '-';
  return [
    String(level),
    formatRate(perSecond.median),
    ok === 0 || spread === null ? '-' : percent(spread),
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
function advice({ plan }: Report, { level }: Choice): string {
  const flags = `-c ${level} --per-host ${perHostOf(plan, level)}`;
  return `Recommended: ${flags}, ${choiceRule}.`;
}

/** Names the bottleneck of the recommended level. */
function bottleneckSentence({ plan, levels }: Report, { level, bound }: Choice): string {
  const { cpuShare } = levels.find((figures) => figures.level === level)!;
  return `Bottleneck: ${reasons[bound]({ level, cpuShare, perHost: perHostOf(plan, level) })}.`;
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
