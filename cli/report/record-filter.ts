import type { ResultRecord } from '../../src/http/record.ts';
import { isOutcome, type OutcomeName } from '../rows/outcome.ts';
import { parseStatusList } from '../../src/http/status-list.ts';

/** Criteria for records. A record must match at least one entry of every list that is not empty. */
export interface RecordFilter {
  readonly only: readonly OutcomeName[];
  readonly codes: readonly string[];
  /** Lists of statuses, such as `404,500-599`. */
  readonly statuses: readonly string[];
  /** Names (`example.com`), with a port (`example.com:8080`) or whole origins (`https://example.com`). */
  readonly hosts: readonly string[];
}

/** Returns a function that tells whether a record matches; undefined if every record does. */
export function recordFilter(filter: RecordFilter): ((record: ResultRecord) => boolean) | undefined {
  const { only, codes, statuses, hosts } = filter;
  const isStatus = statuses.map((list) => parseStatusList(list)!);
  const isHost = hosts.map(hostMatcher);
  const checks: ((record: ResultRecord) => boolean)[] = [];
  if (only.length > 0) checks.push((record) => only.some((outcome) => isOutcome(record, outcome)));
  if (codes.length > 0) checks.push((record) => record.kind !== 'response' && codes.includes(record.error.code));
  if (isStatus.length > 0) {
    checks.push((record) => record.kind === 'response' && isStatus.some((matches) => matches(record.status)));
  }
  if (isHost.length > 0) {
    checks.push(({ url: text }) => {
      const url = URL.parse(text);
      return url !== null && isHost.some((matches) => matches(url));
    });
  }
  return checks.length === 0 ? undefined : (record) => checks.every((meets) => meets(record));
}

/** Tells whether a text names a host, in any spelling: `EXAMPLE.com`, `http://example.com:80/`. */
export function isHostName(text: string): boolean {
  return originOf(text) !== undefined;
}

function hostMatcher(text: string): (url: URL) => boolean {
  const named = originOf(text)!;
  if (text.includes('://')) return ({ origin }) => origin === named.origin;
  // We added the scheme, so neither it nor its default port is a criterion.
  const port = /:(\d+)$/.exec(text)?.[1];
  if (port === undefined) return ({ hostname }) => hostname === named.hostname;
  return (url) => url.hostname === named.hostname && portOf(url) === Number(port);
}

function originOf(text: string): URL | undefined {
  const url = URL.parse(text.includes('://') ? text : `http://${text}`);
  const isHost = url !== null && url.pathname + url.search + url.hash + url.username === '/';
  return isHost && url.hostname !== '' && url.origin !== 'null' ? url : undefined;
}

function portOf({ port, protocol }: URL): number {
  return port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port);
}
