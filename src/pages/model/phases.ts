/** Phases of a request, in order. */
export const phases = ['queue', 'dns', 'connect', 'proxy', 'tls', 'firstByte', 'download'] as const;

/** One of the {@link phases}. */
export type Phase = (typeof phases)[number];
