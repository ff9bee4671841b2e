import type { BodyReceiver, ResponseHead } from '../../../src/http/body-writer.ts';
import type { SavedBody } from '../../../src/journal/record-line.ts';
import { keepBodies } from '../../../src/outputs/bodies/keep-bodies.ts';
import { Saver, type SaveOptions } from '../../../src/outputs/bodies/saver.ts';
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
  /** Tells whether nothing can be kept any more, because the archive cannot be written. */
  readonly isBroken: () => boolean;
}

/**
 * Reads the earlier run, if there is one, then makes and locks the folder. Throws a {@link UsageError} for a wrong template, an
 * `InputError` if the earlier run cannot be read, and an `OutputError` if the folder cannot be used.
 *
 * @param indexOf tells the index in the whole list of a request that is numbered among the pending ones
 */
export async function openKeeper(
  keep: KeepPlan,
  plan: Pick<FetchPlan, 'fsync' | 'resume' | 'overwrite'>,
  indexOf: (place: number) => number,
): Promise<Keeper> {
  const earlier = keep.ifChanged === undefined ? undefined : await EarlierRun.read(keep.ifChanged);
  const durable = plan.fsync === 'record';
  const saver = openSaver(keep.save, { durable, rowOf: (place) => ({ index: indexOf(place) }) });
  if (saver) earlier?.reserveFiles(saver);
  const archive = await openArchive(keep.warc, plan).catch(async (cause: unknown) => {
    await saver?.close();
    throw cause;
  });
  const { capture, hashes } = keep;
  const bodyOf = earlier && ((request: Pick<ResponseHead, 'method' | 'url' | 'bodyHash'>) => earlier.bodyOf(request));
  return {
    receiver: keepBodies({ saver, capture, hashes, earlier: bodyOf, archive }),
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
  path: string | undefined,
  { fsync, resume, overwrite }: Pick<FetchPlan, 'fsync' | 'resume' | 'overwrite'>,
): Promise<WarcArchive | undefined> {
  if (path === undefined) return undefined;
  const start = resume ? 'resume' : overwrite ? 'overwrite' : 'new';
  const { WarcArchive } = await import('../../../src/outputs/warc/warc-archive.ts');
  return new WarcArchive(path, { start, durable: fsync === 'record' });
}

/** What a power failure took from the end of the file has to be fetched again. */
function isArchived(archive: WarcArchive | undefined, { warc }: SavedBody): boolean {
  return archive === undefined || warc === undefined || warc.offset < archive.earlierBytes;
}

function openSaver(save: KeepPlan['save'], more: Pick<SaveOptions, 'durable' | 'rowOf'>): Saver | undefined {
  if (save === undefined) return undefined;
  const { folder, template, existing, keepsStatus, raw, remoteTime } = save;
  const keeps = keepsStatus && (({ status }: ResponseHead) => keepsStatus(status));
  try {
    return new Saver(folder, { ...withoutUndefined({ template, keeps }), existing, raw, remoteTime, ...more });
  } catch (cause) {
    if (cause instanceof TypeError) throw new UsageError(cause.message, { cause });
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
