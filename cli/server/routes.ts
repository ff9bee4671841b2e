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
import { limitBucket, limitKnee, limitOutage, limitWindow } from './routes/limit.ts';
import { range } from './routes/range.ts';
import { absoluteRedirect, redirect, redirectTo, relativeRedirect } from './routes/redirect.ts';
import { responseHeaders } from './routes/response-headers.ts';
import { status } from './routes/status.ts';
import { html, json, png, robots, utf8, xml } from './routes/texts.ts';
import { flaky, retryAfter, unstable } from './routes/unreliable.ts';

/** Creates the routes of one server. Each server needs its own: some routes have state. */
export function createRoutes(): readonly Route[] {
  const routes: readonly Route[] = [
    ['/', (exchange) => sendText(exchange, index(routes)), 'this list'],
    ['/get', only(['GET', 'HEAD'], echo), 'your request as JSON'],
    ['/post', only(['POST'], echoBody), 'your request as JSON, with its body'],
    ['/put', only(['PUT'], echoBody), 'your request as JSON, with its body'],
    ['/patch', only(['PATCH'], echoBody), 'your request as JSON, with its body'],
    ['/delete', only(['DELETE'], echoBody), 'your request as JSON, with its body'],
    ['/anything', echoBody, 'your request as JSON, with its body (any method)'],
    ['/anything/*', echoBody, 'your request as JSON, with its body (any method)'],
    ['/headers', headers, 'your headers'],
    ['/ip', ip, 'your address'],
    ['/user-agent', userAgent, 'your User-Agent'],
    ['/uuid', uuid, 'a new UUID'],

    ['/status/:statuses', status, 'the given status, or one of a weighted list: /status/200,500:0.3'],
    ['/delay/:seconds', delay, 'answers after a delay of at most 60 seconds'],
    ['/slow-headers/:seconds', slowHeaders, 'sends the response headers after a delay'],
    ['/drip', drip, 'a body sent slowly: ?duration=2&numbytes=10&delay=0&code=200'],

    ['/bytes/:length', bytes, 'random bytes (at most 100 MB); the same for the same ?seed='],
    ['/stream-bytes/:length', streamBytes, 'random bytes, chunked: ?seed=&chunk_size='],
    ['/stream/:count', streamLines, 'lines of JSON, chunked'],
    ['/range/:length', range, 'letters; honours Range'],
    ['/gzip', gzip, 'JSON, compressed with gzip'],
    ['/deflate', deflate, 'JSON, compressed with deflate'],
    ['/brotli', brotli, 'JSON, compressed with brotli'],
    ['/zstd', zstd, 'JSON, compressed with zstd'],
    ['/encoding/utf8', document('text/html; charset=utf-8', utf8), 'a page in many writing systems'],
    ['/html', document('text/html; charset=utf-8', html), 'an HTML page'],
    ['/json', document('application/json', json), 'a JSON document'],
    ['/xml', document('application/xml', xml), 'an XML document'],
    ['/robots.txt', document('text/plain', robots), 'a robots.txt'],
    ['/image/png', document('image/png', png), 'a PNG image of one pixel'],
    ['/links/:count', firstLinks, 'pages that link to each other'],
    ['/links/:count/:page', links, 'one of those pages'],

    ['/redirect/:hops', redirect, 'redirects N times, then to /get: ?absolute=true'],
    ['/relative-redirect/:hops', relativeRedirect, 'redirects N times, with paths only'],
    ['/absolute-redirect/:hops', absoluteRedirect, 'redirects N times, with whole URLs'],
    ['/redirect-to', redirectTo, 'redirects to ?url=, with &status_code='],

    ['/basic-auth/:user/:password', basic, '401 without this user and password'],
    ['/bearer', bearer, '401 without a bearer token'],
    ['/cookies', cookies, 'your cookies'],
    ['/cookies/set', setCookies, 'sets cookies: ?name=value'],
    ['/cookies/set/:name/:value', setCookie, 'sets one cookie'],
    ['/etag/:tag', etag, 'honours If-None-Match (304) and If-Match (412)'],
    ['/cache', cache, '304 to any conditional request'],
    ['/cache/:seconds', cacheFor, 'may be cached for that long'],
    ['/response-headers', responseHeaders, 'sets the headers in the query: ?name=value'],

    [
      '/retry-after/:seconds',
      retryAfter(),
      '429 with Retry-After to the first ?times=1 of each &key= (default: the path), then 200',
    ],
    ['/flaky/:probability', flaky(), '503 with this probability; a repeatable sequence for each ?key='],
    ['/unstable', unstable, '500 with the probability ?failure_rate=0.5'],
    [
      '/limit/window/:limit/:seconds/*',
      limitWindow(),
      '429 beyond this many requests in this many seconds; ?tell= the quota as ratelimit, x-ratelimit, github, ...',
    ],
    ['/limit/bucket/:rate/:burst/*', limitBucket(), '429 beyond this many requests per second and this burst'],
    ['/limit/outage/:up/:down/*', limitOutage(), 'answers for this many seconds, then 503 (?how=reset) for this many'],
    [
      '/limit/knee/:workers/:ms/*',
      limitKnee(),
      'serves this many requests at once, each for this long; others queue (?collapse=N, ?most=N)',
    ],
    ['/close', close, 'closes the connection without a response'],
    ['/reset', reset, 'resets the connection without a response'],
    ['/truncate/:length', truncate, 'announces this many bytes and closes after half of them'],
  ];
  return routes;
}

function index(routes: readonly Route[]): string {
  return routes.map(([pattern, , note]) => `${pattern.padEnd(33)}${note}\n`).join('');
}
