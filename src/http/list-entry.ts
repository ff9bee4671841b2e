/** The entry of a list that a request comes from. The fields are copied to its result. */
export interface ListEntry {
  /** Columns or fields of the caller's own list. */
  readonly input?: Readonly<Record<string, unknown>>;
  /** Line in the list, from 1. */
  readonly line?: number;
  /** Name of the list. */
  readonly source?: string;
}
