import { isatty } from 'node:tty';
import type { RequestInput } from '../../src/http/request.ts';
import { expandGlob } from '../../src/inputs/glob.ts';
import { inputSize } from '../../src/inputs/open-input.ts';
import { readLists, type Lists } from '../../src/inputs/read-lists.ts';
import { limit } from '../../src/inputs/selection/limit.ts';
import { shuffle } from '../../src/inputs/selection/shuffle.ts';
import { skip } from '../../src/inputs/selection/skip.ts';
import { unique } from '../../src/inputs/selection/unique.ts';
import { withoutUndefined } from '../flags/given.ts';
import { UsageError } from '../flags/usage-error.ts';
import { refuseOwnOutput } from '../rows/refuse-own-output.ts';
import { say } from '../rows/say.ts';
import { columnCheck } from './check-columns.ts';
import { checkUrls } from './check-urls.ts';
import type { FetchPlan } from './fetch-plan.ts';
import { Intake, type IntakeLists } from './intake.ts';
import type { SitemapFetcher } from './sitemap-fetcher.ts';

/** The input of a run. */
export interface OpenLists {
  readonly intake: Intake;
  /** Columns of the first table that are carried, once they are known. */
  readonly columns: () => readonly string[] | undefined;
  /** The delimiter of the first table, once it is known. */
  readonly delimiter: () => string | undefined;
}

/** How a run uses its input, besides fetching it. */
export interface ListUses {
  /** Tells whether a request is still to be made. */
  readonly isPending?: ((request: RequestInput) => boolean) | undefined;
  /** Checks the columns of each list. */
  readonly onColumns?: ((columns: readonly string[], all: readonly string[]) => void) | undefined;
}

/** Opens the input of a run. Throws a {@link UsageError} if there is none, an `InputError` if it cannot be read. */
export function openLists(
  plan: FetchPlan,
  sitemaps: SitemapFetcher,
  { isPending, onColumns }: ListUses = {},
): OpenLists {
  const { lists: given } = plan;
  const files = fileNames(plan);
  const earlier = plan.keep?.ifChanged;
  refuseOwnOutput(earlier === undefined ? files : [...files, earlier], plan.output);
  refuseOwnOutput(files, plan.junit, '--junit');
  noteUrls(plan);
  const urls = requestsOf(plan);
  const lists = openAll(plan, { files, fetcher: sitemaps, onColumns: columnCheck(plan.literals, onColumns) });
  const readsStdin = files.includes('-');
  if (readsStdin && isatty(0) && !plan.isQuiet) {
    say('reading URLs from the terminal, one per line; Ctrl-D ends the list');
  }
  const intake = new Intake({
    ...(isSelective(plan) ? { urls: [], lists: selected(plan, urls, lists) } : { urls, lists }),
    readsStdin,
    more: plan.request,
    isPending,
    keepsUnstarted: plan.recordUnstarted,
    onStop: () => sitemaps.stop(),
  });
  return { intake, columns: () => given.read.keep ?? lists.columns, delimiter: () => lists.delimiter };
}

function noteUrls({ urls, lists: { inputs, sitemaps, isGlob }, isQuiet }: FetchPlan): void {
  const hasList = inputs.length + sitemaps.length > 0;
  const notes = checkUrls(urls, { hasList, isGlob, isFile: (name) => inputSize(name) !== undefined });
  if (!isQuiet) for (const note of notes) say(note);
}

/** Reads standard input if there is neither a list nor a URL. */
function fileNames({ urls, lists: { inputs, sitemaps } }: FetchPlan): readonly string[] {
  if (urls.length + inputs.length + sitemaps.length > 0) return inputs;
  if (!isatty(0)) return ['-'];
  throw new UsageError('no URLs given; pass URLs, or a list with -i urls.txt (see fetchmany --help)');
}

interface Sources extends Pick<ListUses, 'onColumns'> {
  readonly files: readonly string[];
  readonly fetcher: SitemapFetcher;
}

function openAll(plan: FetchPlan, { files, fetcher, onColumns }: Sources): Lists {
  const { read, sitemaps } = plan.lists;
  return readLists(
    { files, sitemaps },
    {
      ...read,
      ...withoutUndefined({ onColumns }),
      fetchBytes: fetcher.fetchBytes,
      onNotice: (message) => {
        if (!plan.isQuiet) say(message);
      },
    },
  );
}

/** Returns the requests of the command line. */
function requestsOf({ urls, lists: { isGlob, read }, literalHeaders }: FetchPlan): Iterable<RequestInput> {
  const { defaultScheme } = read;
  const more = {
    ...(defaultScheme !== undefined && defaultScheme !== 'none' && { defaultScheme }),
    ...(literalHeaders.length > 0 && { headers: literalHeaders }),
  };
  const isPlain = literalHeaders.length === 0;
  const complete = (url: string): RequestInput => (isPlain && /^https?:\/\//i.test(url) ? url : { url, ...more });
  if (!isGlob) return urls.map(complete);
  const globs = urls.map(openGlob);
  return (function* () {
    for (const glob of globs) for (const request of glob) yield { ...more, ...request };
  })();
}

function openGlob(url: string): Iterable<{ readonly url: string | URL }> {
  try {
    return expandGlob(url);
  } catch (cause) {
    throw new UsageError((cause as Error).message, { cause });
  }
}

function isSelective({ lists: { isUnique, shuffle: order, skip: skipped, limit: most } }: FetchPlan): boolean {
  return isUnique || order !== undefined || skipped !== undefined || most !== undefined;
}

/** Drops equal requests, shuffles the others, then leaves out the first ones and those beyond the limit. */
function selected({ lists: plan }: FetchPlan, urls: Iterable<RequestInput>, lists: Lists): IntakeLists {
  const all = withEntries(urls, lists);
  const distinct = plan.isUnique ? unique(all) : all;
  const ordered = plan.shuffle === undefined ? distinct : shuffle(distinct, withoutUndefined(plan.shuffle));
  const rest = plan.skip === undefined ? ordered : skip(ordered, plan.skip);
  return closing(plan.limit === undefined ? rest : limit(rest, plan.limit), lists);
}

/** Gives each URL of a list its line and source: after the selection, the lists cannot tell them any more. */
async function* withEntries(urls: Iterable<RequestInput>, lists: Lists): AsyncGenerator<RequestInput, void, undefined> {
  yield* urls;
  for await (const item of lists) {
    const { line, source } = lists;
    if (typeof item !== 'string') yield item;
    else yield { url: item, ...(line !== undefined && { line }), ...(source !== undefined && { source }) };
  }
}

/** Closes the lists when the consumer leaves, also while one of them waits for data. */
function closing(items: AsyncGenerator<RequestInput, void, undefined>, lists: Lists): IntakeLists {
  return {
    [Symbol.asyncIterator]: () => ({
      next: () => items.next(),
      return: async () => {
        lists.close();
        void items.return();
        return { done: true, value: undefined };
      },
    }),
  };
}
