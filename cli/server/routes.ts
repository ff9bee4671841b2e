import { sendText } from './respond.ts';
import { only, type Route } from './router.ts';
import { basic, bearer } from './routes/authorization.ts';
import { close, reset, truncate } from './routes/broken.ts';
import { bytes, streamBytes, streamLines } from './routes/bytes.ts';
import { cache, cacheFor, etag } from './routes/caching.ts';
import { cookies, setCookie, setCookies } from './routes/cookies.ts';
import { delay, drip, slowHeaders } from './routes/delay.ts';
import { document, firstLinks, links, uuid } from './routes/documents.ts';
import { echo, echoBody, headers, ip, userAgent } from './routes/echo.ts';
import { brotli, deflate, gzip, zstd } from './routes/encode.ts';
import { range } from './routes/range.ts';
import { absoluteRedirect, redirect, redirectTo, relativeRedirect } from './routes/redirect.ts';
import { responseHeaders } from './routes/response-headers.ts';
import { status } from './routes/status.ts';
import { html, json, png, robots, utf8, xml } from './routes/texts.ts';
import { flaky, retryAfter, unstable } from './routes/unreliable.ts';

/** All that a server answers; each server has its own, for some routes remember whom they met. */
export function createRoutes(): readonly Route[] {
  const routes: readonly Route[] = [
    ['/', (exchange) => sendText(exchange, index(routes)), 'this list'],
    ['/get', only(['GET', 'HEAD'], echo), 'what you sent, in JSON'],
    ['/post', only(['POST'], echoBody), 'the same with the body'],
    ['/put', only(['PUT'], echoBody), 'the same with the body'],
    ['/patch', only(['PATCH'], echoBody), 'the same with the body'],
    ['/delete', only(['DELETE'], echoBody), 'the same with the body'],
    ['/anything', echoBody, 'the same with any method'],
    ['/anything/*', echoBody, 'the same with any method'],
    ['/headers', headers, 'your headers'],
    ['/ip', ip, 'your address'],
    ['/user-agent', userAgent, 'what you call yourself'],
    ['/uuid', uuid, 'a new UUID'],

    ['/status/:statuses', status, 'that status, or one of a weighted list: /status/200,500:0.3'],
    ['/delay/:seconds', delay, 'answers after that many seconds, 60 at most'],
    ['/slow-headers/:seconds', slowHeaders, 'the same, as text'],
    ['/drip', drip, 'a body drop by drop: ?duration=2&numbytes=10&delay=0&code=200'],

    ['/bytes/:length', bytes, 'random bytes, 100 MB at most, the same for the same ?seed='],
    ['/stream-bytes/:length', streamBytes, 'the same, chunked: ?seed=&chunk_size='],
    ['/stream/:count', streamLines, 'lines of JSON, chunked'],
    ['/range/:length', range, 'letters, or the Range of them that you ask for'],
    ['/gzip', gzip, 'JSON in gzip'],
    ['/deflate', deflate, 'JSON in deflate'],
    ['/brotli', brotli, 'JSON in brotli'],
    ['/zstd', zstd, 'JSON in zstd'],
    ['/encoding/utf8', document('text/html; charset=utf-8', utf8), 'a page with many scripts'],
    ['/html', document('text/html; charset=utf-8', html), 'a page'],
    ['/json', document('application/json', json), 'a document'],
    ['/xml', document('application/xml', xml), 'a document'],
    ['/robots.txt', document('text/plain', robots), 'rules for robots'],
    ['/image/png', document('image/png', png), 'one pixel'],
    ['/links/:count', firstLinks, 'pages that link to each other'],
    ['/links/:count/:page', links, 'one of them'],

    ['/redirect/:hops', redirect, 'that many redirects, then /get: ?absolute=true'],
    ['/relative-redirect/:hops', relativeRedirect, 'the same with paths only'],
    ['/absolute-redirect/:hops', absoluteRedirect, 'the same with whole URLs'],
    ['/redirect-to', redirectTo, 'a redirect to ?url=, with &status_code='],

    ['/basic-auth/:user/:password', basic, '401 unless you know them'],
    ['/bearer', bearer, '401 unless you show a token'],
    ['/cookies', cookies, 'your cookies'],
    ['/cookies/set', setCookies, 'sets cookies: ?name=value'],
    ['/cookies/set/:name/:value', setCookie, 'sets one cookie'],
    ['/etag/:tag', etag, '304 or 412 on If-None-Match or If-Match'],
    ['/cache', cache, '304 on any conditional request'],
    ['/cache/:seconds', cacheFor, 'may be kept for so long'],
    ['/response-headers', responseHeaders, 'has the headers of the query: ?name=value'],

    [
      '/retry-after/:seconds',
      retryAfter(),
      '429 with Retry-After the first ?times=1 for each &key= (the path), then 200',
    ],
    ['/flaky/:probability', flaky(), '503 with that probability, in a repeatable sequence for each ?key='],
    ['/unstable', unstable, '500 with the probability ?failure_rate=0.5'],
    ['/close', close, 'closes the connection without an answer'],
    ['/reset', reset, 'resets the connection without an answer'],
    ['/truncate/:length', truncate, 'promises so many bytes, and closes after half of them'],
  ];
  return routes;
}

function index(routes: readonly Route[]): string {
  return routes.map(([pattern, , note]) => `${pattern.padEnd(30)}${note}\n`).join('');
}
