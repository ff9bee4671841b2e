import type { BodyKind } from '../../../src/http/record-body.ts';
import { bodyKinds } from '../../../src/http/record-body.ts';
import { parseStatusList } from '../../../src/http/status-list.ts';
import { wordsOf } from '../../flags/flag-table.ts';
import type { Flags } from '../../flags/flags.ts';
import { quoted } from '../../flags/quoted.ts';
import * as unit from '../../flags/units.ts';
import { UsageError } from '../../flags/usage-error.ts';
import { fetchFlags, type FetchFlag } from '../fetch-flags.ts';

/** Selects what a run keeps of bodies. */
export interface KeepPlan {
  /** Saves bodies below a folder. */
  readonly save: SavePlan | undefined;
  /** Puts bodies of at most `maxBytes` bytes into records. */
  readonly capture: { readonly kind: BodyKind; readonly maxBytes: number } | undefined;
  /** Adds the SHA-256 of each body to its record. */
  readonly hashes: boolean;
  /** The records of an earlier run, whose bodies are asked for only if they have changed. */
  readonly ifChanged: string | undefined;
  /** The WARC file that keeps every exchange. */
  readonly warc: string | undefined;
  /** A WARC file that has so many bytes is followed by another one. */
  readonly warcMaxBytes: number;
}

interface SavePlan {
  readonly folder: string;
  readonly template: string | undefined;
  readonly existing: keyof (typeof fetchFlags)['save-existing']['words'];
  /** Tells which statuses are kept; undefined keeps what is ok. */
  readonly keepsStatus: ((status: number) => boolean) | undefined;
  readonly raw: boolean;
  readonly remoteTime: boolean;
  /** Checks the SHA-256 of the files that an earlier run saved. */
  readonly verify: boolean;
}

/** Reads the flags that keep bodies; undefined if there are none. Throws a {@link UsageError}. */
export function readKeepPlan(flags: Flags<FetchFlag>, format: string): KeepPlan | undefined {
  requireCompany(flags);
  if (flags.has('include-body') && format !== 'jsonl' && format !== 'json') {
    throw new UsageError(
      `--include-body needs --format jsonl or json: got --format ${format}; add -j or -o FILE.jsonl`,
    );
  }
  const ifChanged = flags.read('if-changed', unit.name('old.jsonl'));
  const save = readSavePlan(flags);
  if (ifChanged !== undefined && save !== undefined && save.existing !== 'replace') {
    throw new UsageError(
      `--if-changed replaces the files that changed: it cannot be combined with --save-existing ${save.existing}`,
    );
  }
  const capture = readCapture(flags);
  const hashes = flags.has('hash') || ifChanged !== undefined;
  const warc = flags.read('warc', unit.name('crawl.warc.gz'));
  const warcMaxBytes = flags.read('warc-max-size', unit.size) ?? 1_000_000_000;
  const keepsAny = save ?? capture ?? warc ?? (hashes || undefined);
  return keepsAny ? { save, capture, hashes, ifChanged, warc, warcMaxBytes } : undefined;
}

/** Refuses a flag without the one that it belongs to. */
function requireCompany(flags: Flags<FetchFlag>): void {
  for (const [needed, dependent] of companies) {
    const flag = dependent.find((name) => flags.has(name));
    if (flag !== undefined && !flags.has(needed)) throw new UsageError(`--${flag} needs --${needed}`);
  }
}

const companies: readonly (readonly [needed: FetchFlag, dependent: readonly FetchFlag[]])[] = [
  ['save', ['save-as', 'save-existing', 'save-statuses', 'save-raw', 'remote-time', 'verify']],
  ['include-body', ['body-limit']],
  ['resume', ['verify']],
  ['warc', ['warc-max-size']],
];

function readSavePlan(flags: Flags<FetchFlag>): SavePlan | undefined {
  const folder = flags.read('save', unit.name('pages'));
  if (folder === undefined) return undefined;
  if (/^https?:\/\//i.test(folder))
    throw new UsageError('--save needs a directory before the URL, such as --save pages');
  const statuses = flags.read('save-statuses', savedStatuses);
  return {
    folder,
    template: flags.read('save-as', unit.name('{host}/{path}')),
    existing: flags.read('save-existing', existing) ?? fetchFlags['save-existing'].byDefault,
    keepsStatus: statuses === undefined ? undefined : statuses === 'all' ? () => true : parseStatusList(statuses),
    raw: flags.has('save-raw'),
    remoteTime: flags.has('remote-time'),
    verify: flags.has('verify'),
  };
}

function readCapture(flags: Flags<FetchFlag>): KeepPlan['capture'] {
  const kind = flags.all('include-body').at(-1);
  if (kind === undefined) return undefined;
  const stray = kind === '' ? bodyKinds.find((word) => flags.words.includes(word)) : undefined;
  if (stray !== undefined) throw new UsageError(`write --include-body=${stray}: its value may be left out`);
  const named = kind === '' ? 'auto' : kinds.parse(kind);
  if (named === undefined) {
    throw new UsageError(`--include-body must be ${kinds.wanted}, such as --include-body=text: got ${quoted(kind)}`);
  }
  return {
    kind: named,
    maxBytes: flags.read('body-limit', unit.size) ?? 1_000_000,
  };
}

const existing = unit.oneOf(wordsOf(fetchFlags['save-existing']), 'skip');
const kinds = unit.oneOf(bodyKinds, 'text');
const savedStatuses: unit.Unit<string> = {
  ...unit.statuses,
  parse: (text) => (text === 'all' ? text : unit.statuses.parse(text)),
  wanted: 'all, or a list of status codes and ranges',
};
