import { renderHelp } from '../flags/render-help.ts';
import { serveFlags } from './serve-flags.ts';

/** What `fetchmany serve --help` prints. */
export function serveHelp(): string {
  return renderHelp({
    usage: ['fetchmany serve [options]'],
    intro:
      "Runs a test server with httpbin's paths, until Ctrl-C: /delay/N /status/N /bytes/N /redirect/N /drip /gzip /headers ... Its page / lists them all.",
    flags: serveFlags,
  });
}
