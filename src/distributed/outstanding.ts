import { unpackHosts, type HostLines } from './wire.ts';

/** A chunk that is out. */
export interface OutChunk {
  readonly id: string;
  readonly payload: Uint8Array;
  readonly keys: readonly string[];
  /** Requests of the chunk without a record. */
  left: number;
  /** It was missing at the last look into the broker. */
  isMissing: boolean;
}

/** Makes the entry of a chunk that goes out. */
export function outChunk(id: string, payload: Uint8Array, hosts: readonly HostLines[]): OutChunk {
  return {
    id,
    payload,
    keys: hosts.map(({ key }) => key),
    left: hosts.reduce((sum, { lines }) => sum + lines.length, 0),
    isMissing: false,
  };
}

/** Returns the requests of a chunk that a test accepts, by host; hosts without one are left out. */
export function requestsOf(payload: Uint8Array, isWanted: (line: string) => boolean): HostLines[] {
  return unpackHosts(payload)
    .map(({ key, lines }) => ({ key, lines: lines.filter(isWanted) }))
    .filter(({ lines }) => lines.length > 0);
}

/** Cuts requests in two halves, in their order. */
export function halves(hosts: readonly HostLines[]): HostLines[][] {
  const all = hosts.flatMap(({ key, lines }) => lines.map((line) => ({ key, line })));
  const middle = Math.ceil(all.length / 2);
  return [all.slice(0, middle), all.slice(middle)].map((half) =>
    Array.from(
      Map.groupBy(half, ({ key }) => key),
      ([key, items]) => ({ key, lines: items.map(({ line }) => line) }),
    ),
  );
}
