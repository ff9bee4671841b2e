/** An invalid command line. The message is one line that names the flag, the rule and an example. */
export class UsageError extends Error {}
