/** Supported options of curl, by their effect. */
export type CurlOption =
  | 'bearer'
  | 'cookie'
  | 'data'
  | 'dataRaw'
  | 'dataUrlencode'
  | 'get'
  | 'globoff'
  | 'head'
  | 'header'
  | 'ignored'
  | 'json'
  | 'maxTime'
  | 'method'
  | 'next'
  | 'output'
  | 'referer'
  | 'url'
  | 'urlQuery'
  | 'user'
  | 'userAgent';

interface KnownOption {
  readonly option: CurlOption;
  readonly hasValue: boolean;
}

/** Every supported option, under each of its names. */
export const curlOptions: ReadonlyMap<string, KnownOption> = new Map([
  ...withValue('method', '-X', '--request'),
  ...withValue('header', '-H', '--header'),
  ...withValue('data', '-d', '--data', '--data-ascii', '--data-binary'),
  ...withValue('dataRaw', '--data-raw'),
  ...withValue('dataUrlencode', '--data-urlencode'),
  ...withValue('json', '--json'),
  ...withValue('urlQuery', '--url-query'),
  ...withValue('user', '-u', '--user'),
  ...withValue('userAgent', '-A', '--user-agent'),
  ...withValue('referer', '-e', '--referer'),
  ...withValue('cookie', '-b', '--cookie'),
  ...withValue('bearer', '--oauth2-bearer'),
  ...withValue('url', '--url'),
  ...withValue('output', '-o', '--output'),
  ...withValue('maxTime', '-m', '--max-time'),
  ...withValue('ignored', '--connect-timeout', '--retry', '--max-redirs', '-w', '--write-out'),
  ...without('get', '-G', '--get'),
  ...without('head', '-I', '--head'),
  ...without('globoff', '-g', '--globoff'),
  ...without('next', '--next', '-:'),
  ...without(
    'ignored',
    '-s',
    '--silent',
    '-S',
    '--show-error',
    '-L',
    '--location',
    '-i',
    '--include',
    '--show-headers',
  ),
  ...without(
    'ignored',
    '-v',
    '--verbose',
    '-f',
    '--fail',
    '--fail-with-body',
    '-#',
    '--progress-bar',
    '--no-progress-meter',
  ),
  ...without('ignored', '--compressed', '--http1.1', '--http2', '-0', '--http1.0', '--path-as-is', '-N', '--no-buffer'),
  ...without('ignored', '--basic', '--no-keepalive', '-j', '--junk-session-cookies'),
]);

function withValue(option: CurlOption, ...names: string[]): (readonly [string, KnownOption])[] {
  return names.map((name) => [name, { option, hasValue: true }]);
}

function without(option: CurlOption, ...names: string[]): (readonly [string, KnownOption])[] {
  return names.map((name) => [name, { option, hasValue: false }]);
}
