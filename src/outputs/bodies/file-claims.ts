import { HashTable } from '../../collections/hash-table.ts';
import { KeyedHash } from '../../collections/keyed-hash.ts';
import { withSuffix } from './segment.ts';

/** The request that asks for a name. */
export interface Claimant {
  /** What tells its request from others in a name: see `requestHash()`. */
  readonly hash: string;
  readonly index: number;
  /** Whether the file that an equal request was given holds the same bytes. */
  hasSameBytes(path: string): boolean;
}

/** The name that a request was given. */
export interface Claim {
  readonly path: string;
  /** An equal request of this run has saved the same bytes there. */
  readonly isShared: boolean;
  /** An earlier run saved the body of this request there. */
  readonly isReserved: boolean;
}

/**
 * The file names of one run. No two requests share a file unless they are equal and their bytes are too, also on a disk
 * that ignores case or normalizes names, and no file takes the name of a folder. Some 25 bytes per name: they are kept as
 * keyed 64-bit hashes.
 */
export class FileClaims {
  readonly #table = new HashTable();
  /** Names of earlier runs, by path: 1 until their request claims them. */
  readonly #reserved = new HashTable();
  readonly #hash = new KeyedHash(crypto.getRandomValues(new Uint32Array(2)));

  /** Gives a request its name: `path` where nobody else has it, else with a suffix. */
  claim(path: string, claimant: Claimant): Claim {
    for (const candidate of this.#candidates(path, claimant)) {
      const owner = this.#ownerOf(candidate);
      if (owner === ownerValue(claimant.hash)) {
        if (this.#release(candidate)) return { path: candidate, isShared: false, isReserved: true };
        if (claimant.hasSameBytes(candidate)) return { path: candidate, isShared: true, isReserved: false };
      }
      if (owner !== 0) continue;
      this.restore(candidate, claimant.hash);
      return { path: candidate, isShared: false, isReserved: false };
    }
    throw new Error('Unreachable: there are endless candidates');
  }

  /** Claims a name that is free or the request's own. Returns false if it belongs to another one. */
  take(path: string, hash: string): boolean {
    if (this.#withFreeFolders(path, '~') !== path) return false;
    const owner = this.#ownerOf(path);
    if (owner === 0) this.restore(path, hash);
    return owner === 0 || owner === ownerValue(hash);
  }

  /** Keeps the name that an earlier run gave to a request, which may replace the file there. */
  reserve(path: string, hash: string): void {
    this.restore(path, hash);
    const { high, low } = this.#hashOf(path);
    this.#reserved.set(high, low, 1);
  }

  /** Notes the name that an earlier part of this run gave to a request. */
  restore(path: string, hash: string): void {
    this.#release(path);
    // Its hash is that of the path still.
    this.#table.set(this.#hash.high, this.#hash.low, ownerValue(hash));
    for (let at = path.indexOf('/'); at > 0; at = path.indexOf('/', at + 1)) this.#set(path.slice(0, at), folderValue);
  }

  *#candidates(path: string, { hash, index }: Claimant): Generator<string> {
    const suffix = `~${hash}`;
    const free = this.#withFreeFolders(path, suffix);
    yield free;
    // A name that has the suffix already gets no second one, and between equal requests it would tell nothing.
    const isOfEqual = this.#ownerOf(free) === ownerValue(hash);
    if (!isOfEqual && !free.includes(suffix, free.lastIndexOf('/') + 1)) yield renamed(free, suffix);
    yield renamed(free, `~${index}`);
    // Somebody's URL may end like that too.
    for (let more = 1; ; more += 1) yield renamed(free, `${suffix}~${index}~${more}`);
  }

  /** A folder cannot have the name of a file. */
  #withFreeFolders(path: string, suffix: string): string {
    const segments = path.split('/');
    for (let at = 1; at < segments.length; at += 1) {
      const value = this.#get(segments.slice(0, at).join('/'));
      if (value > folderValue) segments[at - 1] += suffix;
    }
    return segments.join('/');
  }

  /** Ends a reservation. Returns false if there is none. */
  #release(path: string): boolean {
    const { high, low } = this.#hashOf(path);
    // Setting it would take a slot for each name.
    return this.#reserved.get(high, low) === 1 && this.#reserved.set(high, low, 0) === 1;
  }

  #ownerOf(path: string): number {
    return this.#get(path);
  }

  #get(path: string): number {
    const { high, low } = this.#hashOf(path);
    return this.#table.get(high, low);
  }

  #set(path: string, value: number): void {
    const { high, low } = this.#hashOf(path);
    this.#table.set(high, low, value);
  }

  /** Returns our own hash, which the next call changes. */
  #hashOf(path: string): KeyedHash {
    this.#hash.hashTexts([folded(path)]);
    return this.#hash;
  }
}

const folderValue = 1;

function ownerValue(hash: string): number {
  return folderValue + 1 + Number.parseInt(hash, 16);
}

// oxlint-disable-next-line no-control-regex -- control characters are ASCII too
const ascii = /^[\u0000-\u007f]*$/;

/** Upper case first: it folds `ß` and the like as disks that ignore case do. */
function folded(path: string): string {
  if (ascii.test(path)) return path.toLowerCase();
  return path.toUpperCase().toLowerCase().normalize('NFC');
}

function renamed(path: string, suffix: string): string {
  const at = path.lastIndexOf('/') + 1;
  return path.slice(0, at) + withSuffix(path.slice(at), suffix);
}
