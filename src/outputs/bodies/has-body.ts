import type { ResponseHead } from '../../http/body-writer.ts';

/** Tells whether a response has a body to keep, if only an empty one. A HEAD, a 204 and a 304 have none. */
export function hasBody({ method, status }: ResponseHead): boolean {
  return method !== 'HEAD' && status !== 204 && status !== 304;
}
