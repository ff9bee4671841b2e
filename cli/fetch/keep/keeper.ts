import type { BodyReceiver, ResponseHead } from '../../../src/http/body-writer.ts';
import type { SavedBody } from '../../../src/journal/record-line.ts';
import { keepBodies } from '../../../src/outputs/bodies/keep-bodies.ts';
import { Saver, type SavedRow, type SaveOptions } from '../../../src/outputs/bodies/saver.ts';
import type { WarcArchive } from '../../../src/outputs/warc/warc-archive.ts';
import { withoutUndefined } from '../../flags/given.ts';
import { UsageError } from '../../flags/usage-error.ts';
import type { FetchPlan } from '../fetch-plan.ts';
import { EarlierRun } from './earlier-run.ts';
import type { KeepPlan } from './keep-plan.ts';

/** Keeps the bodies of a run. */
export interface Keeper {
  /** The `responseBody` of the run's fetcher, which closes it. */
  readonly receiver: BodyReceiver;
  /** Tells whether the file that a record names is there, as long as its body was. Its name belongs to that request. */
  readonly isSaved: (saved: SavedBody) => boolean;
  /** Checks the columns of a list, if names of files are made from them. Throws a `UsageError`. */
  readonly checkColumns: ((columns: readonly string[]) => void) | undefined;
  /** Tells whether nothing can be kept any more, because the archive cannot be written. */
  readonly isBroken: () => boolean;
}

/**
 * Reads the earlier run, if there is one, then makes and locks the folder. Throws a {@link UsageError} for a wrong template, an
 * `InputError` if the earlier run cannot be read, and an `OutputError` if the folder cannot be used.
 *
 * @param rowOf returns the place in the whole list of the n-th pending request
 */
export async function openKeeper(
  keep: KeepPlan,
  plan: Pick<FetchPlan, 'fsync' | 'resume' | 'overwrite' | 'urls' | 'lists'>,
  rowOf: (place: number) => SavedRow,
): Promise<Keeper> {
  const earlier = keep.ifChanged === undefined ? undefined : await EarlierRun.read(keep.ifChanged);
  const durable = plan.fsync === 'record';
  const columns = readsTables(plan) ? 'later' : [];
  const saver = openSaver(keep.save, { durable, rowOf, columns });
  if (saver) earlier?.reserveFiles(saver);
  const archive = await openArchive(keep, plan).catch(async (cause: unknown) => {
    await saver?.close();
    throw cause;
  });
  const { capture, hashes } = keep;
  const bodyOf = earlier && ((request: Pick<ResponseHead, 'method' | 'url' | 'bodyHash'>) => earlier.bodyOf(request));
  return {
    receiver: keepBodies({ saver, capture, hashes, earlier: bodyOf, archive }),
    checkColumns: saver?.usesColumns ? (names) => usage(() => saver.requireWords(names)) : undefined,
    isBroken: () => archive?.isBroken ?? false,
    isSaved(saved) {
      if (isArchived(archive, saved)) return saver === undefined || isSaved(saver, saved, keep.save!);
      if (saved.file !== undefined) saver?.reserve(saved.file, saved);
      return false;
    },
  };
}

/** Loaded only when it is used. */
async function openArchive(
  { warc: path, warcMaxBytes: maxBytes }: KeepPlan,
  { fsync, resume, overwrite }: Pick<FetchPlan, 'fsync' | 'resume' | 'overwrite'>,
): Promise<WarcArchive | undefined> {
  if (path === undefined) return undefined;
  const start = resume ? 'resume' : overwrite ? 'overwrite' : 'new';
  const { WarcArchive } = await import('../../../src/outputs/warc/warc-archive.ts');
  return new WarcArchive(path, { start, durable: fsync === 'record', maxBytes });
}

/** Tells whether the archive still has an exchange: a power failure may have cut off the end of the file. */
function isArchived(archive: WarcArchive | undefined, { warc }: SavedBody): boolean {
  return archive === undefined || warc === undefined || archive.holds(warc);
}

/** Tells whether a list may have columns. URLs have none, and those of sitemaps are ours. */
function readsTables({ urls, lists: { inputs, sitemaps } }: Pick<FetchPlan, 'urls' | 'lists'>): boolean {
  return inputs.length > 0 || urls.length + sitemaps.length === 0;
}

function openSaver(
  save: KeepPlan['save'],
  more: Pick<SaveOptions, 'durable' | 'rowOf' | 'columns'>,
): Saver | undefined {
  if (save === undefined) return undefined;
  const { folder, template, existing, keepsStatus, raw, remoteTime } = save;
  const keeps = keepsStatus && (({ status }: ResponseHead) => keepsStatus(status));
  const options = { ...withoutUndefined({ template, keeps }), existing, raw, remoteTime, ...more };
  return usage(() => new Saver(folder, options));
}

/** Runs a function whose `TypeError` is a mistake in the command line. */
function usage<T>(run: () => T): T {
  try {
    return run();
  } catch (cause) {
    if (cause instanceof TypeError) throw new UsageError(`--save-as: ${cause.message}`, { cause });
    throw cause;
  }
}

/** A raw file is as long as the body was on the wire. */
function isSaved(saver: Saver, saved: SavedBody, { raw, verify }: NonNullable<KeepPlan['save']>): boolean {
  const { file, length, wireLength } = saved;
  if (file === undefined) return true;
  const sha256 = verify ? saved.sha256 : undefined;
  const isThere = saver.has(file, length, sha256) || (raw && saver.has(file, wireLength, sha256));
  if (isThere) saver.restore(file, saved);
  else saver.reserve(file, saved);
  return isThere;
}
