import { writeFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { toRecord, type ResultRecord } from '../../src/http/record.ts';
import { modelReport, type ReportBounds } from '../../src/pages/model/report-model.ts';
import { renderReportPage } from '../../src/pages/report-page.ts';
import { formatCount } from '../../src/text/quantity.ts';
import { browser, hasBrowser, type Look, type OpenPage } from '../helpers/process/browser.ts';
import { madeRecords } from '../helpers/journal/made-records.ts';
import { failure, response } from '../helpers/results.ts';
import { temporary } from '../helpers/temporary.ts';

const { path } = temporary('page');
const { open } = browser();

async function openReport(records: readonly ResultRecord[], look?: Look, bounds?: ReportBounds): Promise<OpenPage> {
  async function* all(): AsyncGenerator<ResultRecord> {
    yield* records;
  }
  const file = path('.html');
  writeFileSync(file, renderReportPage(await modelReport(all(), bounds), 'results.jsonl'));
  const opened = await open(file, look);
  if (look?.javaScriptEnabled !== false) await opened.page.waitForSelector('#request-table tbody tr');
  return opened;
}

/** Counts the pixels of the timeline that have the colour of each verdict. */
function paintedPixels(page: Page): Promise<Record<string, number>> {
  return page.evaluate(() => {
    const canvas = document.querySelector('canvas')!;
    // Read a copy: reading the canvas itself would log a warning and slow it down.
    const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d', { willReadFrequently: true })!;
    copy.drawImage(canvas, 0, 0);
    const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
    const counts = new Map<string, number>();
    for (let at = 0; at < data.length; at += 4) {
      const hex = `#${[...data.subarray(at, at + 3)].map((part) => part.toString(16).padStart(2, '0')).join('')}`;
      counts.set(hex, (counts.get(hex) ?? 0) + 1);
    }
    const styles = getComputedStyle(document.documentElement);
    const names = ['ok', 'unexpected', 'failed'];
    return Object.fromEntries(names.map((name) => [name, counts.get(styles.getPropertyValue(`--${name}`)) ?? 0]));
  });
}

/** Reads the period that the timeline shows: `0 – 6 s, 3,000 on screen`. */
const windowText = (page: Page): Promise<string> => page.locator('#timeline-window').innerText();

async function untilChanged(page: Page, before: string): Promise<string> {
  await page.waitForFunction((text) => document.querySelector('#timeline-window')!.textContent !== text, before);
  return windowText(page);
}

async function firstUrls(page: Page, most: number): Promise<string[]> {
  return (await page.locator('#request-table tbody .url').allInnerTexts()).slice(0, most);
}

describe.skipIf(!hasBrowser)('the report page', () => {
  const records = madeRecords(3000);
  const withAt = records.filter(({ at }) => at !== undefined);

  test('shows the figures of a recount and loads nothing', async () => {
    const { page, check } = await openReport(records);
    const number = (wanted: (record: ResultRecord) => boolean): string => formatCount(records.filter(wanted).length);
    const legend = (await page.locator('.legend').first().innerText()).replaceAll(/\s+/g, ' ');
    expect(legend).toContain(`${number(({ ok }) => ok)} ok`);
    expect(legend).toContain(`${number(({ kind, ok }) => kind === 'response' && !ok)} bad status`);
    expect(legend).toContain(`${number(({ kind }) => kind === 'failure')} failed`);
    expect(legend).toContain(`${number(({ kind }) => kind === 'cancelled')} cancelled`);
    const labels = (await page.locator('.labels').innerText()).replaceAll(/\s+/g, ' ');
    for (const code of ['TIMEOUT', 'CONNECT_REFUSED', 'URL_INVALID']) {
      expect(labels).toContain(
        `${code} ${number((record) => record.kind === 'failure' && record.error.code === code)}`,
      );
    }
    const hosts = await page
      .locator('#host-table tbody tr')
      .evaluateAll((rows) =>
        rows.map((row) => [...row.children].slice(0, 2).map((cell) => (cell as HTMLElement).dataset['value'])),
      );
    expect(hosts).toHaveLength(new Set(records.map(({ url }) => (URL.canParse(url) ? new URL(url).origin : ''))).size);
    for (const [host, requests] of hosts) {
      const ofHost = records.filter(
        ({ url }) => url.startsWith(`${host}/`) || (url === 'no url' && host!.startsWith('(')),
      );
      expect([host, requests]).toEqual([host, String(ofHost.length)]);
    }
    const ended = await page.locator('#throughput tbody tr td:nth-child(2)').allTextContents();
    const sum = ended.reduce((all, text) => all + Number(text.replaceAll(/\D/g, '')), 0);
    expect(sum).toBe(withAt.length);
    expect(await windowText(page)).toMatch(new RegExp(`, ${formatCount(withAt.length)} on screen$`));
    check();
  });

  test.each([
    ['light', 500],
    ['light', 6000],
    ['dark', 6000],
  ] as const)('draws the timeline in %s mode, with %d requests, in every layout', async (colorScheme, many) => {
    const { page, check } = await openReport(madeRecords(many), { colorScheme });
    for (const order of ['lanes', 'host', 'start']) {
      await page.selectOption('#timeline-order', order);
      await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
      const { ok, unexpected, failed } = await paintedPixels(page);
      expect(ok, order).toBeGreaterThan(500);
      expect(unexpected, order).toBeGreaterThan(20);
      expect(failed, order).toBeGreaterThan(50);
    }
    check();
  });

  test('follows the system from light to dark mode', async () => {
    const { page, check } = await openReport(records, { colorScheme: 'light' });
    const look = (): Promise<unknown> =>
      page.evaluate(() => {
        const copy = new OffscreenCanvas(2, 40).getContext('2d', { willReadFrequently: true })!;
        copy.drawImage(document.querySelector('canvas')!, 0, 0);
        return [getComputedStyle(document.body).backgroundColor, copy.getImageData(1, 30, 1, 1).data[0]! > 128];
      });
    expect(await look()).toEqual(['rgb(247, 247, 245)', true]);
    await page.emulateMedia({ colorScheme: 'dark' });
    await expect.poll(look).toEqual(['rgb(20, 23, 26)', false]);
    check();
  });

  test('zooms and pans by keyboard, and describes each request', async () => {
    const { page, check } = await openReport(records);
    const area = page.locator('#timeline');
    await area.focus();
    const whole = await windowText(page);
    await page.keyboard.press('+');
    const closer = await untilChanged(page, whole);
    await page.keyboard.press('ArrowRight');
    const later = await untilChanged(page, closer);
    await page.keyboard.press('0');
    expect(await untilChanged(page, later)).toBe(whole);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    const readout = page.locator('#timeline-readout');
    // Bars are in order of their starts.
    const second = withAt.toSorted((one, other) => one.at!.localeCompare(other.at!) || one.index - other.index)[1]!;
    await expect.poll(() => readout.innerText()).toContain(`#${second.index},`);
    expect(await readout.innerText()).toContain(second.url);
    await page.keyboard.press('Escape');
    await expect.poll(() => readout.innerText()).toContain('Hover over a bar');
    check();
  });

  test('zooms by the wheel once clicked, and by its buttons', async () => {
    const { page, check } = await openReport(records);
    const whole = await windowText(page);
    await page.locator('#timeline').scrollIntoViewIfNeeded();
    const box = (await page.locator('#timeline').boundingBox())!;
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    const scrolled = await page.evaluate(() => scrollY);
    await page.mouse.wheel(0, 60);
    await page.waitForFunction((before) => scrollY > before, scrolled);
    await page.mouse.wheel(0, -60);
    await page.waitForFunction((before) => scrollY <= before, scrolled);
    expect(await windowText(page)).toBe(whole);
    await page.locator('#timeline').click();
    await page.mouse.wheel(0, -240);
    const closer = await untilChanged(page, whole);
    await page.click('#timeline-in');
    const closest = await untilChanged(page, closer);
    await page.click('#timeline-whole');
    expect(await untilChanged(page, closest)).toBe(whole);
    check();
  });

  test('describes the bar under the pointer', async () => {
    const one = [
      toRecord(response({ url: 'https://example.com/only', at: '2026-01-01T00:00:00.000Z', elapsedMs: 500 })),
    ];
    const { page, check } = await openReport(one);
    const box = (await page.locator('#timeline').boundingBox())!;
    await page.mouse.move(box.x + box.width / 2, box.y + 32);
    await expect.poll(() => page.locator('#timeline-readout').innerText()).toContain('https://example.com/only');
    check();
  });

  test('filters and sorts the request table', async () => {
    const { page, check } = await openReport(records);
    const counts = page.locator('#request-count');
    const timeouts = records.filter((record) => record.kind === 'failure' && record.error.code === 'TIMEOUT');
    await page.fill('#request-text', 'timeout');
    await expect.poll(() => counts.innerText()).toMatch(new RegExp(`^${timeouts.length} of `));
    const slowest = timeouts.toSorted((a, b) => b.elapsedMs - a.elapsedMs || a.index - b.index).map(({ url }) => url);
    expect(await firstUrls(page, 5)).toEqual(slowest.slice(0, 5));
    await page.click('#request-table th[data-key="elapsedMs"] button');
    const quickest = timeouts.toSorted((a, b) => a.elapsedMs - b.elapsedMs || a.index - b.index).map(({ url }) => url);
    await expect.poll(() => firstUrls(page, 5)).toEqual(quickest.slice(0, 5));
    expect(await page.getAttribute('#request-table th[data-key="elapsedMs"]', 'aria-sort')).toBe('ascending');
    await page.fill('#request-text', '');
    await page.selectOption('#request-outcome', 'unexpected');
    const notOk = records.filter(({ kind, ok }) => kind === 'response' && !ok).length;
    await expect.poll(() => counts.innerText()).toMatch(new RegExp(`^${notOk} of `));
    while (await page.locator('#request-more').isVisible()) await page.click('#request-more');
    expect(await page.locator('#request-table tbody tr').count()).toBe(notOk);
    check();
  });

  test('sorts the table of hosts', async () => {
    const { page, check } = await openReport(records);
    const values = (column: number): Promise<number[]> =>
      page
        .locator(`#host-table tbody tr > :nth-child(${column})`)
        .evaluateAll((cells) => cells.map((cell) => Number((cell as HTMLElement).dataset['value'])));
    await page.click('#host-table th:nth-child(5) button');
    const failed = await values(5);
    expect(failed).toEqual(failed.toSorted((one, other) => other - one));
    await page.click('#host-table th:nth-child(5) button');
    expect(await values(5)).toEqual(failed.toReversed());
    check();
  });

  test('shows all figures of a host with a long name', async () => {
    const host = `${'very-long-name.'.repeat(14)}example.com`;
    const { page, check } = await openReport([toRecord(response({ url: `https://${host}/` }))]);
    const hidden = await page
      .locator('.scroll:has(#host-table)')
      .evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth);
    expect(hidden).toBe(0);
    check();
  });

  test('shows the values of a plot by arrow keys', async () => {
    const { page, check } = await openReport(records);
    await page.locator('#throughput .plot-area').focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    const row = (await page.locator('#throughput tbody tr').nth(1).locator('td').first().textContent())!.trim();
    await expect.poll(() => page.locator('#throughput .readout').innerText()).toContain(`: ${row} completed`);
    check();
  });

  test('escapes hostile texts and links to web URLs only', async () => {
    const texts = [
      '</script><script>alert(1)</script>',
      '<img src=x onerror=alert(1)>',
      'javascript:alert(1)',
      'data:text/html,<script>alert(1)</script>',
      'https://a.example/</script><script>alert(1)</script>\u2028\u202e',
      'https://a.example/"onmouseover="alert(1)',
      "https://a.example/'><svg/onload=alert(1)>",
    ];
    const hostile = texts.flatMap((url, index) => [
      toRecord(response({ index: 2 * index, url, method: url })),
      toRecord(failure(url as 'TIMEOUT', { index: 2 * index + 1, url: `https://b.example/${url}` })),
    ]);
    const { page, check } = await openReport(hostile);
    expect(await page.locator('img, iframe, svg[onload], [onmouseover], [onerror]').count()).toBe(0);
    expect(await page.locator('script').count()).toBe(2);
    const links = await page
      .locator('a')
      .evaluateAll((all) => all.map((link) => [(link as HTMLAnchorElement).protocol, link.getAttribute('rel')]));
    expect(links.length).toBeGreaterThan(0);
    for (const link of links) expect(link).toEqual(['https:', 'noreferrer noopener']);
    const shown = await page.locator('#request-table').innerText();
    expect(shown).toContain('<img src=x onerror=alert(1)>');
    expect(shown).toContain(String.raw`\u{2028}\u{202e}`);
    await page.locator('#timeline').focus();
    for (const _ of hostile) await page.keyboard.press('ArrowDown');
    for (const row of await page.locator('#request-table tbody tr').all()) await row.hover();
    check();
  });

  test('fits a phone screen, with every control in reach of the keyboard', async () => {
    const { page, check } = await openReport(records, { width: 360, height: 740 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
    const reached = new Set<string>();
    for (let tab = 0; tab < 60; tab += 1) {
      await page.keyboard.press('Tab');
      const { name, outline } = await page.evaluate(() => {
        const focused = document.activeElement!;
        return {
          name: focused.id || focused.className || focused.tagName,
          outline: getComputedStyle(focused).outlineStyle,
        };
      });
      reached.add(name);
      expect(outline, name).not.toBe('none');
    }
    const wanted = [
      'timeline-order',
      'timeline-in',
      'timeline-out',
      'timeline-whole',
      'timeline',
      'plot-area',
      'request-text',
    ];
    for (const name of [...wanted, 'request-outcome']) expect(reached).toContain(name);
    check();
  });

  test('shows hosts as cards on a phone, each name on one line', async () => {
    const hosts = ['http://127.0.0.1:18080', 'https://slow.example.net:8443'];
    const few = hosts.map((host, index) => toRecord(response({ index, url: `${host}/`, finalUrl: `${host}/` })));
    const { page, check } = await openReport(few, { width: 380 });
    const lines = await page
      .locator('#host-table .host')
      .evaluateAll((names) => names.map((name) => name.getClientRects().length));
    expect(lines).toEqual([1, 1]);
    const figures = await page
      .locator('#host-table tbody td')
      .first()
      .evaluate((cell) => getComputedStyle(cell, '::before').content);
    expect(figures).toContain('Requests');
    check();
  });

  test('links to saved files', async () => {
    const saved = toRecord(response({ index: 0, url: 'https://a.test/x', file: 'a.test/x.html' }));
    const { page, check } = await openReport([saved], {}, { hrefOf: (file) => `./${file}` });
    const link = page.getByRole('link', { name: 'saved file' });
    expect(await link.getAttribute('href')).toBe('./a.test/x.html');
    check();
  });

  test('says what was left out', async () => {
    const { page, check } = await openReport(records, {}, { bars: 500, slowest: 20, hosts: 1 });
    const text = await page.locator('main').innerText();
    expect(text).toContain(`500 of ${formatCount(withAt.length)} requests, sampled evenly`);
    expect(text).toContain(`The 20 slowest of ${formatCount(records.length)} requests`);
    expect(text).toMatch(/[123] of 4 hosts: the busiest/);
    expect(await windowText(page)).toMatch(/, 500 on screen$/);
    check();
  });

  test('shows its figures without JavaScript', async () => {
    const { page } = await openReport(records, { javaScriptEnabled: false });
    const text = await page.locator('main').innerText();
    expect(text).toContain('The timeline needs JavaScript.');
    expect(text).toContain(formatCount(records.filter(({ ok }) => ok).length));
    expect(await page.locator('#timeline-tools').isVisible()).toBe(false);
  });
});
