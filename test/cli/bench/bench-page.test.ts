import { expect, test } from 'vitest';
import { renderBenchPage } from '../../../cli/bench/bench-page.ts';
import { benchReport, levelOf } from '../../helpers/bench-report.ts';

const text = (page: string): string =>
  page
    .replace(/<(style|script)>[\s\S]*?<\/\1>/g, '')
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ');

test('renderBenchPage() recommends a level and compares it with sequential requests', () => {
  const page = text(renderBenchPage(benchReport([levelOf(1, 50), levelOf(8, 390), levelOf(32, 400)], 8)));
  expect(page).toContain('Recommended -c 8 Throughput 390 /s Sequential 50.0 /s Speed-up 7.8 ×');
  expect(page).toContain('Recommended: -c 8 --per-host 8, the lowest level within 5%');
  expect(page).toContain('sequential: 50.0/s');
});

test('renderBenchPage() shows the figures of every level and plot as text', () => {
  const page = text(renderBenchPage(benchReport([levelOf(1, 50), levelOf(8, 390)], 8)));
  expect(page).toContain('1 (sequential) 50.0 10% 1.0 x 20 ms 30 ms 40 ms 50% 0');
  expect(page).toContain('8 390 10% 7.8 x 20 ms 30 ms 40 ms 50% 0');
  expect(page).toContain('8 390 371 410 7.8');
});

test('renderBenchPage() escapes the names of errors', () => {
  const page = renderBenchPage(benchReport([levelOf(1, 50, { '<b>503</b>': 3 })], 1));
  expect(page).toContain('Errors at level 1: 3 x &#60;b&#62;503&#60;/b&#62;.');
});

test('renderBenchPage() renders a page even if every request failed', () => {
  const nothing = { ...levelOf(1, 0, { '503': 8 }), speedUp: Number.NaN, ok: 0, p50Ms: 0, p90Ms: 0, p99Ms: 0 };
  const page = renderBenchPage(benchReport([nothing], undefined));
  expect(page).toContain('Every request failed.');
  expect(page.replace(/<script[\s\S]*/, '')).not.toMatch(/NaN|Infinity/);
});
