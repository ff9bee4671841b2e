import { writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { renderBenchPage } from '../../cli/bench/bench-page.ts';
import { benchReport, levelOf } from '../helpers/bench-report.ts';
import { browser, hasBrowser } from '../helpers/process/browser.ts';
import { temporary } from '../helpers/temporary.ts';

const { path } = temporary('bench-page');
const { open } = browser();

function writtenPage(): string {
  const file = path('.html');
  const levels = [levelOf(1, 50), levelOf(4, 190), levelOf(16, 700, { TIMEOUT: 2 }), levelOf(64, 720)];
  writeFileSync(file, renderBenchPage(benchReport(levels, 16)));
  return file;
}

describe.skipIf(!hasBrowser)('the bench page', () => {
  test('has a mark for each level, higher for more throughput', async () => {
    const { page, check } = await open(writtenPage());
    const marks = await page.locator('#throughput .mark').all();
    const places = await Promise.all(marks.map((mark) => mark.boundingBox()));
    expect(places).toHaveLength(4);
    for (let at = 1; at < places.length; at += 1) {
      expect(places[at]!.x).toBeGreaterThan(places[at - 1]!.x);
      expect(places[at]!.y).toBeLessThan(places[at - 1]!.y);
    }
    expect(await page.locator('#latency-plot .mark').count()).toBe(12);
    check();
  });

  test('shows the figures of a level on hover and by arrow keys', async () => {
    const { page, check } = await open(writtenPage());
    const readout = page.locator('#throughput .readout');
    const box = (await page.locator('#throughput .mark').nth(2).boundingBox())!;
    await page.mouse.move(box.x + 4, box.y + 4);
    await expect
      .poll(() => readout.innerText())
      .toBe('16: 700 ok/s, 665 slowest round, 735 fastest round, 14.0 times sequential');
    await page.mouse.move(0, 0);
    await page.locator('#throughput .plot-area').focus();
    await page.keyboard.press('Home');
    await expect.poll(() => readout.innerText()).toContain('1 (sequential): 50.0 ok/s');
    check();
  });

  test.each(['light', 'dark'] as const)('fits a phone screen in %s mode', async (colorScheme) => {
    const { page, check } = await open(writtenPage(), { width: 360, height: 740, colorScheme });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
    check();
  });
});
