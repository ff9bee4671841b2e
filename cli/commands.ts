/** Every command, with its description. Any other first word is a URL. */
export const commands = {
  fetch: 'fetch URLs (the default command)',
  report: 'summarize recorded runs, or convert them to another format',
  diff: 'compare two recorded runs',
  bench: 'measure throughput and latency at several concurrency levels',
  demo: 'fetch five slow pages sequentially, then concurrently (no network)',
  serve: 'run a test server with httpbin-compatible endpoints',
  worker: 'make the requests of runs that were started with --queue',
  status: 'show the state of a run that was started with --queue',
  completion: 'print a shell completion script',
  help: 'show the help of a command',
} as const;

/** The name of a command. */
export type CommandName = keyof typeof commands;
