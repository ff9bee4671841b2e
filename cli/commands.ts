/** The commands there are, and what they do. What is none of them is a URL. */
export const commands = {
  fetch: 'fetch URLs; the word may be left out',
  report: 'sum up a recorded run, or print its rows in another format',
  bench: 'the same requests one by one and many at once',
  demo: 'five slow pages, one by one and then together; needs no network',
  serve: "a test server with httpbin's paths",
  completion: 'make a shell complete what is typed',
  help: 'the help of a command',
} as const;

/** The name of a command. */
export type CommandName = keyof typeof commands;
