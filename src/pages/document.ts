import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { gzipSync } from 'node:zlib';
import { linkScript } from './link-script.ts';
import { escaped, html, trusted, type Markup } from './markup.ts';

/** Parts of a page. */
export interface DocumentParts {
  readonly title: string;
  readonly body: Markup;
  /** Name of the page's module in `browser/`, without its extension. */
  readonly script: string;
  /** Input of that module; must be JSON. */
  readonly data?: unknown;
}

/**
 * Renders a self-contained page. Its content security policy forbids it to load anything, allows only our script and
 * styles, by their hashes, and keeps scripts from turning text into markup.
 */
export function renderDocument({ title, body, script, data }: DocumentParts): string {
  // In a build, the modules in `browser/` are .js files, as this one is.
  const code = linkScript(new URL(`browser/${script}${extname(import.meta.url)}`, import.meta.url));
  const styles = styleNames.map(readStyle).join('\n');
  const policy = [
    `default-src 'none'`,
    `script-src '${hashOf(code)}'`,
    `style-src '${hashOf(styles)}'`,
    `base-uri 'none'`,
    `form-action 'none'`,
    `require-trusted-types-for 'script'`,
  ];
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${trusted(policy.join('; '))}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="referrer" content="no-referrer" />
        <meta name="color-scheme" content="light dark" />
        <title>${title}</title>
        ${trusted(`<style>${styles}</style>`)}
      </head>
      <body>
        ${body} ${data === undefined ? '' : dataBlock(data)} ${trusted(`<script>${code}</script>`)}
      </body>
    </html> `.markup;
}

/** Style sheets in order. The last one overrides the others on narrow screens and on paper. */
const styleNames = ['base', 'figures', 'controls', 'timeline', 'plots', 'tables', 'narrow'];

function readStyle(name: string): string {
  return readFileSync(new URL(`browser/styles/${name}.css`, import.meta.url), 'utf8');
}

/** Renders the data, compressed to about a fifth. Base64 has no character that could end the block. */
function dataBlock(data: unknown): Markup {
  const packed = gzipSync(JSON.stringify(data), { level: 9 }).toString('base64');
  return trusted(`<script type="text/plain" id="data">${escaped(packed)}</script>`);
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
