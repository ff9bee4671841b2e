/** The flags a command understands: names without their dashes. */
export interface FlagTable {
  readonly [name: string]: {
    /** One letter. */
    readonly short?: string;
    /** Whether a value comes with it. */
    readonly takesValue?: boolean;
  };
}
