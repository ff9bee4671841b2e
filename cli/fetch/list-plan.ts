import type { BuildOptions } from '../../src/inputs/request-builder.ts';
import type { ReadRequestsOptions } from '../../src/inputs/read-requests.ts';
import { withoutUndefined } from '../flags/given.ts';
import { wordsOf } from '../flags/flag-table.ts';
import type { Flags } from '../flags/flags.ts';
import { readBody } from '../flags/read-file.ts';
import * as unit from '../flags/units.ts';
import { UsageError } from '../flags/usage-error.ts';
import { fetchFlags, type FetchFlag } from './fetch-flags.ts';

type Header = readonly [name: string, value: string];

/** Options for the lists of a run: how they are read, and which of their requests are made. */
export interface ListPlan {
  /** Files; `-` is standard input. */
  readonly inputs: readonly string[];
  /** URLs of sitemaps or of sites. */
  readonly sitemaps: readonly URL[];
  readonly read: ReadRequestsOptions;
  /** Expands globs in the URLs of the command line. */
  readonly isGlob: boolean;
  readonly isUnique: boolean;
  readonly shuffle: { readonly seed?: number } | undefined;
  readonly skip: number | undefined;
  readonly limit: number | undefined;
  /** An input without a URL is not an error. */
  readonly allowEmpty: boolean;
}

/**
 * Reads the flags of the input. Throws a {@link UsageError}.
 *
 * @param headers every header of the command line; those with a placeholder are filled in for each row
 */
export function readListPlan(flags: Flags<FetchFlag>, headers: readonly Header[]): ListPlan {
  refuseWithoutList(flags);
  const templates = readTemplates(flags, headers);
  const seed = flags.read('seed', unit.count(0, '1'));
  if (seed !== undefined && !flags.has('shuffle')) throw new UsageError('--seed needs --shuffle');
  const defaultScheme = flags.read('default-scheme', schemes) ?? fetchFlags['default-scheme'].byDefault;
  return {
    inputs: flags.all('input'),
    sitemaps: flags.all('sitemap').map((text) => sitemapUrl(text, defaultScheme)),
    read: {
      defaultScheme,
      ...withoutUndefined({
        format: flags.read('input-format', formats),
        charset: flags.read('input-charset', charsets),
        urlColumn: flags.read('url-column', unit.name('homepage')),
        idColumn: flags.read('id-column', unit.name('key')),
        keep: flags.read('keep', names),
        method: flags.read('method', unit.method),
      }),
      ...templates,
      // Only saved bodies are checked, and in other runs a column of such a name may hold anything.
      ...(flags.has('save') && { checksums: true }),
    },
    isGlob: flags.has('glob'),
    isUnique: flags.has('unique'),
    shuffle: flags.has('shuffle') ? withoutUndefined({ seed }) : undefined,
    skip: flags.read('skip', unit.count(0, '100')),
    limit: flags.read('limit', unit.count(0, '100')),
    allowEmpty: flags.has('allow-empty'),
  };
}

/** Refuses what tells how to read a file where no file is read: URLs are given, and standard input is not read then. */
function refuseWithoutList(flags: Flags<FetchFlag>): void {
  const hasFile = flags.has('input') || flags.words.length + flags.all('sitemap').length === 0;
  const flag = listFlags.find((name) => flags.has(name));
  if (hasFile || flag === undefined) return;
  const isSitemap = flag === 'input-format' && flags.all(flag).at(-1) === 'sitemap';
  throw new UsageError(
    isSitemap
      ? '--input-format sitemap is for files: --sitemap URL fetches the pages of a sitemap'
      : `--${flag} needs a list: -i FILE`,
  );
}

const listFlags = ['input-format', 'input-charset', 'url-column', 'id-column'] as const;

/** Tells whether a header value has a placeholder for a column. */
export function hasPlaceholder(value: string): boolean {
  return /\{\+?[^{}]*\}/.test(value);
}

const schemes = unit.oneOf(wordsOf(fetchFlags['default-scheme']), 'http');
const formats = unit.oneOf(wordsOf(fetchFlags['input-format']), 'csv');

const charsets: unit.Unit<string> = {
  parse(text) {
    try {
      return new TextDecoder(text).encoding;
    } catch {
      return undefined;
    }
  },
  wanted: 'the name of an encoding',
  example: 'windows-1252',
};

const names: unit.Unit<readonly string[]> = {
  parse(text) {
    const list = text.split(',').map((name) => name.trim());
    return list.includes('') ? undefined : list;
  },
  wanted: 'a list of columns, separated by commas',
  example: 'id,name',
};

type Templates = Pick<BuildOptions, 'urlTemplate' | 'bodyTemplate' | 'headerTemplates'>;

function readTemplates(flags: Flags<FetchFlag>, headers: readonly Header[]): Templates {
  const urlTemplate = flags.read('url-template', unit.name('https://example.com/{id}'));
  const bodyTemplate = readBody(flags.all('body-template').slice(-1))?.toString();
  if (bodyTemplate !== undefined && flags.has('data'))
    throw new UsageError('-d and --body-template cannot be combined');
  if (flags.words.length > 0 && (urlTemplate ?? bodyTemplate) !== undefined) {
    throw new UsageError(
      '--url-template and --body-template fill in the entries of a list: use -i FILE instead of URL arguments',
    );
  }
  const filled = headers.filter(([, value]) => hasPlaceholder(value));
  const typed = bodyTemplate === undefined ? filled : withContentType(filled, headers, bodyTemplate);
  return withoutUndefined({
    urlTemplate,
    bodyTemplate,
    headerTemplates: typed.length === 0 ? undefined : Object.fromEntries(typed),
  });
}

/** Adds the content type of a body, by which its columns are encoded: that of the command line, else JSON or a form. */
function withContentType(filled: readonly Header[], headers: readonly Header[], body: string): readonly Header[] {
  const given = headers.find(([name]) => name.toLowerCase() === 'content-type');
  const byBody = /^\s*[[{"]/.test(body) ? 'application/json' : 'application/x-www-form-urlencoded';
  return filled.some(([name]) => name.toLowerCase() === 'content-type')
    ? filled
    : [...filled, given ?? ['content-type', byBody]];
}

/** Reads the URL of a sitemap; a host alone gets the default scheme. */
function sitemapUrl(text: string, defaultScheme: 'http' | 'https' | 'none'): URL {
  const full = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) || defaultScheme === 'none' ? text : `${defaultScheme}://${text}`;
  const url = URL.parse(full);
  if (url !== null && (url.protocol === 'http:' || url.protocol === 'https:')) return url;
  throw new UsageError(
    `--sitemap must be the URL of a sitemap or a site, such as --sitemap https://example.com/: got ${text}; a file is read with -i`,
  );
}
