import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { respond, serve, type ScriptedServer } from '../helpers/servers/serve.ts';

/** Starts the site that stands for the hosts of the documentation. */
export async function startSite(): Promise<ScriptedServer> {
  const server = await serve((response, seen) => {
    const { path } = seen;
    if (path === '/robots.txt') return response.end(`Sitemap: ${server.url}/map.xml\n`);
    if (path === '/map.xml') return response.end(`<urlset><url><loc>${server.url}/a</loc></url></urlset>`);
    if (path === '/login') return respond(200, { 'set-cookie': 'session=1' })(response, seen);
    if (path === '/status/404') return respond(404)(response, seen);
    const json = { 'content-type': 'application/json', etag: '"1"' };
    if (seen.headers['if-none-match'] === '"1"') return respond(304, json)(response, seen);
    return respond(200, json, '{"id":1}')(response, seen);
  });
  return server;
}

/** Creates the files that the documentation takes for granted, and no others. */
export function furnish(directory: string, url: string): void {
  const urls = `${url}/1\n${url}/2\n${url}/status/404\n`;
  const har = { log: { entries: [{ request: { method: 'GET', url: `${url}/har`, headers: [] } }] } };
  const files: Readonly<Record<string, string | Uint8Array>> = {
    'urls.txt': urls,
    'urls.txt.gz': gzipSync(urls),
    'smoke.txt': urls,
    'files.txt': urls,
    'ids.txt': urls,
    'people.csv': `name,url,homepage\n"Smith, Ann",${url}/ann,${url}/home\nBob,${url}/bob,${url}/bobs\n`,
    'ids.csv': 'id,team\n7,blue\na/b,red\n',
    'requests.jsonl': `${JSON.stringify({ url: `${url}/items`, json: { id: 7 } })}\n`,
    'token.txt': 'abc\n',
    'headers.txt': 'X-Key: abc\n',
    'login.txt': 'user=me&password=abc',
    'page.har': JSON.stringify(har),
    'commands.sh': `curl '${url}/curl' -H 'accept: */*'\n`,
  };
  mkdirSync(directory, { recursive: true });
  for (const [name, content] of Object.entries(files)) writeFileSync(join(directory, name), content);
}

/** Creates the recorded runs that a block reads without having written them. */
export function record(directory: string, url: string, code: string): void {
  for (const name of new Set(code.match(/\b[\w-]+\.jsonl\b/g))) {
    const isWritten = new RegExp(`^[^]*?(\\S+) ${name}`).exec(code)?.[1] === '-o';
    if (!isWritten && !existsSync(join(directory, name))) writeFileSync(join(directory, name), runOf(url));
  }
}

/** Returns a run of three URLs as JSON Lines. */
function runOf(url: string): string {
  const at = '2026-11-28T07:00:00.000Z';
  const common = { method: 'GET', elapsedMs: 12.5, attempts: 1, at };
  const body = { length: 8, wireLength: 8, complete: 'framed', redirects: 0 };
  const error = { code: 'TIMEOUT', message: 'timed out after 3 s', retryable: true };
  return [
    { index: 0, url: `${url}/1`, kind: 'response', ok: true, status: 200, finalUrl: `${url}/1`, ...body, ...common },
    { index: 1, url: `${url}/2`, kind: 'failure', ok: false, length: 0, error, ...common },
    {
      index: 2,
      url: `${url}/404`,
      kind: 'response',
      ok: false,
      status: 404,
      finalUrl: `${url}/404`,
      ...body,
      ...common,
    },
  ]
    .map((row) => `${JSON.stringify(row)}\n`)
    .join('');
}

/** Replaces the address of the site. */
export function neutral(text: string, { url }: ScriptedServer): string {
  const { port } = new URL(url);
  return text.replaceAll(url, 'http://site').replaceAll(port, 'PORT');
}

/** Returns the files below a directory, with `/`, in order. */
export function filesBelow(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true, encoding: 'utf8' })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(directory.length + 1))
    .sort();
}
