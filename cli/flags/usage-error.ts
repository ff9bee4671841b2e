/** A command line that cannot be followed. Its message is one line that names the flag, what is wrong, and an example. */
export class UsageError extends Error {}
