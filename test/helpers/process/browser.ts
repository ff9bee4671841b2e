import { pathToFileURL } from 'node:url';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect } from 'vitest';
import { hasTool } from './tools.ts';

const path = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

/** True if there is a browser to test in: Chromium, or the one that the variable CHROMIUM names. */
export const hasBrowser: boolean = hasTool('chromium', path);

/** Options of a page. */
export interface Look {
  readonly width?: number;
  readonly height?: number;
  readonly colorScheme?: 'light' | 'dark';
  readonly javaScriptEnabled?: boolean;
}

/** A browser for the tests of one file. */
export interface PageOpener {
  /** Opens an empty page. */
  readonly newPage: () => Promise<Page>;
  /** Opens a file. {@link OpenPage.check} then fails for anything that must not happen on a page. */
  readonly open: (file: string, look?: Look) => Promise<OpenPage>;
}

/** An open page, which records its errors. */
export interface OpenPage {
  readonly page: Page;
  /** Fails if there was an error, console output, a dialog, or a request for anything but the file. */
  readonly check: () => void;
}

/** Starts a browser before the tests of a file, and stops it after them. */
export function browser(): PageOpener {
  let started: Browser | undefined;
  beforeAll(async () => {
    if (hasBrowser) started = await chromium.launch({ executablePath: path, args: ['--no-sandbox'] });
  }, 60_000);
  afterAll(() => started?.close());
  return {
    newPage: () => started!.newPage(),
    async open(file, { width = 1280, height = 900, ...look } = {}) {
      const page = await started!.newPage({ viewport: { width, height }, ...look });
      const url = pathToFileURL(file).href;
      const trouble: string[] = [];
      page.on('console', (message) => trouble.push(`console: ${message.text()}`));
      page.on('pageerror', (error) => trouble.push(`error: ${error.message}`));
      page.on('request', (request) => {
        if (request.url() !== url) trouble.push(`request: ${request.url()}`);
      });
      page.on('dialog', (dialog) => {
        trouble.push(`dialog: ${dialog.message()}`);
        void dialog.dismiss();
      });
      await page.goto(url);
      return { page, check: () => expect(trouble).toEqual([]) };
    },
  };
}
