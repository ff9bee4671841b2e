import { isatty } from 'node:tty';
import { readInputs } from '../../src/inputs/open-lists.ts';
import { formatCount, plural } from '../../src/text/quantity.ts';
import { parseRequest } from '../../src/http/request.ts';
import { exitCodes } from '../exit-code.ts';
import { refuseOwnOutput } from '../rows/refuse-own-output.ts';
import { say } from '../rows/say.ts';
import { writePage } from '../rows/write-page.ts';
import { renderBenchPage } from './bench-page.ts';
import { choose } from './choice.ts';
import { errorCount } from './level-figures.ts';
import { measureLevels, totalRequests } from './measure.ts';
import { startOwnServer } from './own-server.ts';
import type { BenchPlan } from './bench-plan.ts';
import { renderJson, renderText, type Report } from './report.ts';

/** Does what was planned, prints what came of it, and gives the exit code. */
export async function runBench(plan: BenchPlan): Promise<number> {
  refuseOwnOutput(plan.inputs, plan.html, '--html');
  if (plan.html === undefined) return benchSource(plan, () => {});
  let code: number = exitCodes.ok;
  let page = '';
  // The page is opened before anything is sent: whoever named a wrong file need not wait for the benchmark.
  await writePage(plan.html, plan, async () => {
    code = await benchSource(plan, (report) => {
      page = renderBenchPage(report);
    });
    return page;
  });
  return code;
}

async function benchSource(plan: BenchPlan, told: (report: Report) => void): Promise<number> {
  if (plan.urls.length + plan.inputs.length > 0) return bench(plan, await readList(plan), 'your list', told);
  const server = await startOwnServer();
  try {
    return await bench(plan, [`${server.url}${ownPath}`], 'embedded server', told);
  } finally {
    await server[Symbol.asyncDispose]();
  }
}

/** What a page of an ordinary server takes. */
const ownPath = '/delay/0.02';

/** No more of the list than one round uses. */
async function readList({ urls, inputs, requests }: BenchPlan): Promise<string[]> {
  const list = urls.slice(0, requests);
  // Opened in any case: a wrong name is to be told.
  for await (const url of readInputs(inputs)) {
    if (list.length >= requests) break;
    list.push(url);
  }
  return list;
}

async function bench(
  plan: BenchPlan,
  list: readonly string[],
  source: Report['source'],
  told: (report: Report) => void,
): Promise<number> {
  if (list.length === 0) {
    say('there is no URL in the list; nothing was measured');
    return exitCodes.ok;
  }
  const hosts = countHosts(list);
  if (!plan.isQuiet) announce(plan, hosts, source);
  const requests = Array.from({ length: plan.requests }, (_, at) => list[at % list.length]!);
  const levels = await measureLevels(plan, requests, (round) => {
    if (!plan.isQuiet && isatty(2)) say(`round ${round} of ${plan.rounds} is done`);
  });
  const choice = choose(levels, (plan.perHost ?? Infinity) * hosts);
  const report: Report = { source, plan, urls: list.length, hosts, levels, choice };
  told(report);
  process.stdout.write(plan.isJson ? renderJson(report) : renderText(report));
  return levels.every((figures) => errorCount(figures) === 0) ? exitCodes.ok : exitCodes.notOk;
}

function countHosts(list: readonly string[]): number {
  const hosts = new Set<string>();
  for (const url of list) {
    const request = parseRequest(url, []);
    if (!('error' in request)) hosts.add(request.origin);
  }
  return hosts.size;
}

/** Whoever's server it is should not learn from its log how often it is asked. */
function announce(plan: BenchPlan, hosts: number, source: Report['source']): void {
  const { levels, rounds, requests, perHost } = plan;
  const to = source === 'embedded server' ? 'a server of our own' : plural(hosts, 'host');
  const parts = `${plural(levels.length, 'level')} x ${plural(rounds, 'round')} x ${formatCount(requests)}, and a warm-up`;
  say(`sends ${formatCount(totalRequests(plan))} requests to ${to}: ${parts}`);
  const limit = perHost === undefined ? 'as many as the level' : `${formatCount(perHost)} (--per-host)`;
  say(`in flight to one host: ${limit}; nothing is sent twice if it fails`);
}
