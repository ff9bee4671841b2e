import type { RequestInput } from './request.ts';

/** The key of a list of which a part is done: what is behind it gives the whole of it. */
export const wholeList: unique symbol = Symbol('whole list');

/** A request that the page of an earlier run led to. */
export interface FollowedUrl {
  readonly url: string;
  /** Index of the record that it comes from. */
  readonly from: number;
}

/**
 * A list of which earlier runs have done a part. Who only reads it gets the rest; who adds to it while it is read needs the
 * whole, so that nothing is done twice.
 */
export interface WholeList {
  /** The lines of the list, those that are done included. */
  readonly lines: Iterable<RequestInput> | AsyncIterable<RequestInput>;
  /** What pages that are done led to. */
  readonly followed: readonly FollowedUrl[];
  /** Tells whether a line is still to be done. To be asked once for each line, in the order in which the rest is taken. */
  isPending(request: RequestInput): boolean;
  /** Returns the index in the whole list of a line that is numbered among the rest, and has no result yet. */
  indexOf(place: number): number;
}

/** Returns the whole of a list; undefined unless it is the rest of one. */
export function wholeOf(source: object): WholeList | undefined {
  return (source as { readonly [wholeList]?: WholeList })[wholeList];
}
