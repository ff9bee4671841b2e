/** What a record says of its request: `open` has to be taken up again. */
export type Standing = 'open' | 'ok' | 'not ok';

/** Whether a line of the list is done, or with which index it is to be fetched. */
export type Verdict = { readonly done: 'ok' | 'not ok' } | { readonly index: number };
