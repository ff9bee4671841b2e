import { isatty } from 'node:tty';
import { readLists } from '../../src/inputs/read-lists.ts';
import { formatCount, plural } from '../../src/text/quantity.ts';
import { parseRequest, type RequestInput } from '../../src/http/request.ts';
import { exitCodes } from '../exit-code.ts';
import { refuseOwnOutput } from '../rows/refuse-own-output.ts';
import { say } from '../rows/say.ts';
import { writePage } from '../rows/write-page.ts';
import { renderBenchPage } from './bench-page.ts';
import { choose } from './choice.ts';
import { errorCount } from './level-figures.ts';
import { measureLevels, totalRequests } from './measure.ts';
import { startOwnServer } from './own-server.ts';
import { isLoopback } from './loopback.ts';
import { fitPlan, perHostOf, type BenchPlan } from './bench-plan.ts';
import { renderJson, renderText, type Report } from './report.ts';

/** Runs a plan, prints the report, and returns the exit code. */
export async function runBench(plan: BenchPlan): Promise<number> {
  refuseOwnOutput(plan.inputs, plan.html, '--html');
  if (plan.html === undefined) return benchSource(plan, () => {});
  let code: number = exitCodes.ok;
  let page = '';
  // Opens the page first, so that a wrong file name is reported before the benchmark runs.
  await writePage(plan.html, plan, async () => {
    code = await benchSource(plan, (report) => {
      page = renderBenchPage(report);
    });
    return page;
  });
  return code;
}

async function benchSource(plan: BenchPlan, reported: (report: Report) => void): Promise<number> {
  if (plan.urls.length + plan.inputs.length > 0) {
    return bench(plan, await readList(plan), 'your list', reported);
  }
  const server = await startOwnServer();
  try {
    // Whatever the environment says, the way to this machine is direct.
    const direct = { ...plan, fetcher: { ...plan.fetcher, proxy: 'none' } };
    return await bench(direct, [`${server.url}${ownPath}`], 'embedded server', reported);
  } finally {
    await server[Symbol.asyncDispose]();
  }
}

/** A page that takes 20 ms, as on an ordinary server. */
const ownPath = '/delay/0.02';

/** Reads as much of the list as one round uses. */
async function readList({ urls, inputs, requests }: BenchPlan): Promise<RequestInput[]> {
  const list: RequestInput[] = urls.slice(0, requests).map((url) => ({ url, defaultScheme: 'https' }));
  // Opens the lists in any case, so that a wrong name is reported.
  for await (const item of readLists({ files: inputs }, { onNotice: say })) {
    if (list.length >= requests) break;
    list.push(item);
  }
  return list;
}

async function bench(
  given: BenchPlan,
  list: readonly RequestInput[],
  source: Report['source'],
  reported: (report: Report) => void,
): Promise<number> {
  if (list.length === 0) {
    say('the input contains no URLs; nothing was measured');
    return exitCodes.input;
  }
  const hosts = hostsOf(list);
  const plan = fitPlan(given, list.length);
  if (!(await isAllowed(plan, hosts))) {
    say('nothing was sent');
    return exitCodes.usage;
  }
  if (!plan.isQuiet) announce(plan, given, hosts.length, source);
  const requests = Array.from({ length: plan.requests }, (_, at) => list[at % list.length]!);
  const levels = await measureLevels(plan, requests, (round) => {
    if (!plan.isQuiet && isatty(2)) say(`round ${round} of ${plan.rounds} done`);
  });
  const choice = plan.isOnce ? undefined : choose(levels, (plan.perHost ?? Infinity) * hosts.length);
  const report: Report = { source, plan, urls: list.length, hosts: hosts.length, levels, choice };
  reported(report);
  process.stdout.write(plan.isJson ? renderJson(report) : renderText(report));
  return levels.every((figures) => errorCount(figures) === 0) ? exitCodes.ok : exitCodes.notOk;
}

/** Asks before other machines get more than one round of requests. */
async function isAllowed(plan: BenchPlan, hosts: readonly string[]): Promise<boolean> {
  const others = hosts.filter((host) => !isLoopback(host));
  if (plan.isAllowed || others.length === 0) return true;
  const { askConsent } = await import('./consent.ts');
  return askConsent(others, totalRequests(plan), plan.inputs.includes('-'));
}

function hostsOf(list: readonly RequestInput[]): string[] {
  const hosts = new Set<string>();
  for (const url of list) {
    const request = parseRequest(url, []);
    if (!('error' in request)) hosts.add(request.origin);
  }
  return [...hosts];
}

/** Tells the number of requests beforehand: the owner of the server should not learn it from a log. */
function announce(plan: BenchPlan, given: BenchPlan, hosts: number, source: Report['source']): void {
  const { isOnce, levels, rounds, requests, perHost } = plan;
  const dropped = given.levels.filter((level) => !levels.includes(level));
  if (dropped.length > 0) {
    const instead = isOnce && levels.length > 1 ? `lowered to ${levels.at(-1)}` : 'left out';
    say(`level ${dropped.join(', ')} ${instead}: a round has only ${plural(requests, 'request')}`);
  }
  const to = source === 'embedded server' ? 'the built-in test server' : plural(hosts, 'host');
  const parts = `${plural(levels.length, 'level')} x ${plural(rounds, 'round')} x ${formatCount(requests)}${isOnce ? '' : ', plus a warm-up'}`;
  say(`sending ${plural(totalRequests(plan), 'request')} to ${to} (${parts})`);
  const limit = perHost === undefined && !isOnce ? 'as many as the level' : `--per-host ${perHostOf(plan, 1)}`;
  say(`concurrent requests per host: ${limit}; failed requests are not retried`);
}
