/** What a record says of its request: `open` has to be taken up again. */
export type RecordState = 'open' | 'ok' | 'not ok';

/** Whether a line of the list is done, or with which index it is to be fetched. */
export type LineState = { readonly done: 'ok' | 'not ok' } | { readonly index: number };
