import { printable } from '../../text/printable.ts';
import type { RequestBuilder } from '../request-builder.ts';
import type { Fields } from '../template.ts';

/** Notes the fields of entries that look like one of a request, but are only carried along: `Body`, `data`, `timeout`. */
export class MisnamedFields {
  readonly #builder: Pick<RequestBuilder, 'uses'>;
  readonly #notice: (message: string) => void;
  readonly #seen = new Set<string>();

  /** @param notice receives one message for each such field of a list */
  constructor(builder: Pick<RequestBuilder, 'uses'>, notice: (message: string) => void) {
    this.#builder = builder;
    this.#notice = notice;
  }

  /**
   * Looks at the fields of an entry that do not belong to its request.
   *
   * @param entry the entry: what a record of an earlier run carries is not a field of its own
   */
  note(entry: Fields, carried: Fields, line: number): void {
    for (const name of Object.keys(carried)) {
      if (this.#seen.has(name) || this.#seen.size >= maxSeen) continue;
      this.#seen.add(name);
      const meant = meantField(name);
      if (meant === undefined || !Object.hasOwn(entry, name) || this.#builder.uses(name)) continue;
      this.#notice(`line ${line} has the field ${printable(name)}, which is not part of the request: write ${meant}`);
    }
  }
}

/** Field names that are remembered: a list may have a different one in each entry. */
const maxSeen = 1000;

/** Returns what to add to the complaint about an entry without a URL. */
export function urlFieldHint(entry: Fields): string {
  const name = Object.keys(entry).find((each) => urlNames.has(plain(each)));
  return name === undefined ? '' : `; rename its field '${name}'`;
}

/** Returns the field of a request that a name stands for, by its letters or as other programs call it; else undefined. */
export function meantField(name: string): string | undefined {
  return meanings.get(plain(name));
}

function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
}

const urlNames: ReadonlySet<string> = new Set(['url', 'uri', 'link', 'href', 'loc', 'address', 'website', 'target']);

const meanings: ReadonlyMap<string, string> = new Map([
  ['method', 'method'],
  ['verb', 'method'],
  ['httpmethod', 'method'],
  ['headers', 'headers'],
  ['header', 'headers'],
  ['body', 'body'],
  ['data', 'body for text, or json for a JSON value'],
  ['payload', 'body for text, or json for a JSON value'],
  ['json', 'json'],
  ['bodybase64', 'bodyBase64'],
  ['timeout', 'timeoutMs, in milliseconds'],
  ['timeoutms', 'timeoutMs'],
  ['retries', 'retries'],
  ['retry', 'retries'],
  ['expect', 'expect'],
  ['maxbody', 'maxBodyBytes'],
  ['maxbodybytes', 'maxBodyBytes'],
]);
