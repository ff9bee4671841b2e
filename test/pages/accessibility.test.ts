import { writeFileSync } from 'node:fs';
import axe from 'axe-core';
import { describe, expect, test } from 'vitest';
import { renderBenchPage } from '../../cli/bench/bench-page.ts';
import { DiffModel, renderDiffPage } from '../../src/pages/diff-page.ts';
import { modelReport } from '../../src/pages/model/report-model.ts';
import { renderReportPage } from '../../src/pages/report-page.ts';
import { createStats } from '../../src/stats/stats.ts';
import { benchReport, levelOf } from '../helpers/bench-report.ts';
import { madeRecords } from '../helpers/journal/made-records.ts';
import { browser, hasBrowser } from '../helpers/process/browser.ts';
import { temporary } from '../helpers/temporary.ts';

const { path } = temporary('accessibility');
const { open } = browser();

async function reportPage(): Promise<string> {
  async function* records(): AsyncGenerator<ReturnType<typeof madeRecords>[number]> {
    yield* madeRecords(300);
  }
  return renderReportPage(await modelReport(records()), 'results.jsonl');
}

function benchPage(): string {
  return renderBenchPage(benchReport([levelOf(1, 50), levelOf(8, 390, { TIMEOUT: 2 })], 8));
}

function diffPage(): string {
  const model = new DiffModel();
  const times = { oldMs: 100, newMs: 900 };
  model.add({ kind: 'slower', url: 'https://a.test/', method: 'GET', oldLabel: '200', newLabel: '200', ...times });
  const [old, fresh] = [createStats(), createStats()];
  for (const record of madeRecords(50)) {
    old.add(record);
    fresh.add(record);
  }
  return renderDiffPage(model, { old, fresh }, 'old.jsonl', 'new.jsonl');
}

const looks = [
  { width: 1280, colorScheme: 'light' },
  { width: 380, colorScheme: 'dark' },
] as const;

describe.skipIf(!hasBrowser).each([
  ['report', reportPage],
  ['bench', benchPage],
  ['diff', diffPage],
] as const)('the %s page', (_, render) => {
  test.each(looks)('has no violations that axe finds, at %j', async (look) => {
    const file = path('.html');
    writeFileSync(file, await render());
    const { page, check } = await open(file, look);
    await page.evaluate(axe.source);
    const violations = await page.evaluate(async () => {
      const { axe: run } = globalThis as unknown as { axe: typeof import('axe-core') };
      return (await run.run()).violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
    });
    expect(violations).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(look.width);
    check();
  });
});
