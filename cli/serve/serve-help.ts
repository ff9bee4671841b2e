import { renderHelp } from '../flags/render-help.ts';
import { serveFlags } from './serve-flags.ts';

/** Returns the text of `fetchmany serve --help`. */
export function serveHelp(): string {
  return renderHelp({
    usage: ['fetchmany serve [options]'],
    intro:
      'Run a test server with httpbin-compatible endpoints until Ctrl-C: /delay/N /status/N /bytes/N /redirect/N /drip /gzip /headers ... The full list is at /.',
    flags: serveFlags,
  });
}
