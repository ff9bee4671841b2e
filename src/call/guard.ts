import type { Trail } from '../http/trail.ts';

/** What the requests of a run may do, where hosts are divided among several processes. Asked before each start. */
export interface Guard {
  /** Tells whether anything may be sent now. Once it may not, the owner of the run cancels the run. */
  isOpen(): boolean;
  /** Tells whether this process may send requests to an origin. */
  owns(origin: string): boolean;
}

/** The reason for cancelling a call whose next hop belongs to another process. */
export class Elsewhere {
  /** Where the request goes on. */
  readonly trail: Trail;

  constructor(trail: Trail) {
    this.trail = trail;
  }
}
