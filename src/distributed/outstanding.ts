import { unpackHosts, type HostLines } from './wire.ts';

/** A chunk that is out. */
export interface OutChunk {
  readonly id: string;
  readonly payload: Uint8Array;
  readonly keys: readonly string[];
  /** Requests of the chunk. */
  readonly count: number;
  /** Requests of the chunk without a record. */
  left: number;
  /** It was missing at the last look into the broker. */
  isMissing: boolean;
}

/** Makes the entry of a chunk that goes out. */
export function outChunk(id: string, payload: Uint8Array, hosts: readonly HostLines[]): OutChunk {
  const count = hosts.reduce((sum, { lines }) => sum + lines.length, 0);
  return { id, payload, keys: hosts.map(({ key }) => copyOf(key)), count, left: count, isMissing: false };
}

/**
 * Returns the requests of a chunk that a test accepts, by host; hosts without one are left out. They are copies: a part of
 * the text of the chunk would keep all of it in memory.
 */
export function requestsOf(payload: Uint8Array, isWanted: (line: string) => boolean): HostLines[] {
  return unpackHosts(payload)
    .map(({ key, lines }) => ({ key, lines: lines.filter(isWanted).map(copyOf) }))
    .filter(({ lines }) => lines.length > 0);
}

/** Parts the first request from the others, in their order. */
export function firstAndRest(hosts: readonly HostLines[]): HostLines[][] {
  const [{ key, lines }, ...others] = hosts as [HostLines, ...HostLines[]];
  const rest = [{ key, lines: lines.slice(1) }, ...others].filter((host) => host.lines.length > 0);
  return [[{ key, lines: lines.slice(0, 1) }], rest].filter((part) => part.length > 0);
}

function copyOf(text: string): string {
  return Buffer.from(text).toString();
}
