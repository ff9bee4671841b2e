import type { FetchRequest } from './request.ts';

/** A request that was redirected, and goes on from there. */
export interface Trail {
  /** The hop to send next. */
  readonly hop: FetchRequest;
  /** Redirects followed so far. */
  readonly redirects: number;
  /** The requests made so far, as the redirects policy names them. */
  readonly visited: readonly string[];
}
