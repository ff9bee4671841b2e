import type { Policy } from '../call/send.ts';
import type { KnownBodies } from '../http/body-writer.ts';

/** Outermost: sends no request for a body that is at hand. The result is a 304 after no attempt, and `unchanged`. */
export const skipExisting =
  (bodies: KnownBodies): Policy =>
  (send) =>
  (request, call, done) => {
    const existing = bodies.existing(request, call.index);
    if (existing === undefined) return send(request, call, done);
    done({
      kind: 'response',
      status: 304,
      headers: {},
      locations: [],
      body: undefined,
      length: existing.length,
      wireLength: 0,
      complete: 'framed',
      finalUrl: request.origin + request.path,
      redirects: 0,
      timings: {},
      fields: { ...existing.fields, unchanged: true },
    });
  };
