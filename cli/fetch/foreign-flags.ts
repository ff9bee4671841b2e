const save = '--save DIR saves bodies to files';
const concurrent = '-c N sets how many requests run at once';
const body = '-d TEXT sends a body, -d @FILE a file as it is';
const cookies = '--cookie-jar FILE reads cookies and keeps them';
const head = '-X HEAD asks for headers only, --include-headers -j shows them';
const proxyUser =
  'put it into the URL of the proxy, with @ as %40, : as %3A, / as %2F and % as %25: -x http://USER:PASSWORD@HOST:PORT';
const redirects = 'redirects are followed; --max-redirects 0 stops that';
const quiet = '-q shows no progress and no summary';
const failing = 'a bad status is not ok, and the exit code is 1; --expect says which are ok';
const links = 'links are not followed; --sitemap URL fetches the pages of a site';
const attempt = '-t TIME limits an attempt, --url-deadline TIME a URL with its retries';
const resumes = '--resume continues a run, and --save continues bodies that were cut off';
const figures = '-j writes all that is known of each URL';

/** Advice on flags of curl, wget and wget2 that fetchmany does not have. */
export const foreignFlags: ReadonlyMap<string, string> = new Map([
  ...each(save, '-O', '--remote-name', '--remote-name-all', '-J', '--remote-header-name', '--output-dir'),
  ...each(save, '-P', '--directory-prefix', '--content-disposition'),
  ...each(concurrent, '-Z', '--parallel', '--parallel-max', '--parallel-immediate', '--max-threads', '--parallelism'),
  ...each(concurrent, '--jobs', '--threads', '--workers', '--connections', '--max-concurrency'),
  ...each(body, '--data-raw', '--data-binary', '--data-ascii', '--post-data', '--body-data', '--body'),
  ...each('-d @FILE sends a file', '--post-file', '--body-file'),
  ...each('-X PUT -d @FILE sends a file', '-T', '--upload-file'),
  ...each(`-d TEXT -H 'Content-Type: application/json' sends JSON`, '--json'),
  ...each(`-d sends a body that is a form already: -d 'name=a%20b'`, '--data-urlencode', '-F', '--form'),
  ...each('put the query into the URL', '-G', '--get', '--url-query'),
  ...each(head, '-I', '--head', '--spider'),
  ...each(
    `${head}; -v explains failures and unexpected statuses`,
    '--include',
    '-S',
    '--server-response',
    '-D',
    '--dump-header',
  ),
  ...each(redirects, '-L', '--location', '--location-trusted'),
  ...each(quiet, '-s', '--silent', '--show-error', '--no-verbose', '--no-progress-meter'),
  ...each(failing, '-f', '--fail', '--fail-with-body', '--fail-early'),
  ...each('fetchmany --version shows the version', '-V'),
  ...each(proxyUser, '-U', '--proxy-user', '--proxy-password'),
  ...each('-u USER:PASSWORD logs in', '--http-user', '--http-password', '--password'),
  ...each(cookies, '--load-cookies', '--save-cookies'),
  ...each(`-H 'Referer: URL' sends it`, '-e', '--referer'),
  ...each(`-H 'Range: bytes=0-99' asks for a part`, '-r', '--range'),
  ...each('responses are decoded anyway; --save-raw saves them as they came', '--compressed', '--compression'),
  ...each(resumes, '-C', '--continue-at', '--continue'),
  ...each('--if-changed OLD.jsonl fetches what has changed since an earlier run', '-z', '--time-cond', '-N'),
  ...each('--if-changed OLD.jsonl fetches what has changed since an earlier run', '--timestamping', '--etag-compare'),
  ...each(attempt, '-m'),
  ...each('--retries N sets the extra attempts', '--retry', '--tries'),
  ...each('--retries N sets the extra attempts, -t the time of one', '--retry-max-time', '--retry-all-errors'),
  ...each(
    '--rate N/s limits requests; nothing limits bytes',
    '--limit-rate',
    '-Y',
    '-y',
    '--speed-limit',
    '--speed-time',
  ),
  ...each('--host-rate N/s limits the requests to each host', '--wait', '--waitretry', '--random-wait'),
  ...each(figures, '-w', '--write-out'),
  ...each('globs are off; --glob turns them on', '-g', '--globoff'),
  ...each('-k does not verify certificates', '--no-check-certificate'),
  ...each('--cert FILE and --key FILE are the client certificate', '-E', '--certificate', '--private-key'),
  ...each('--cacert FILE is the certificate of an authority', '--ca-certificate'),
  ...each('--remote-time sets the time of saved files', '-R'),
  ...each(links, '--recursive', '-p', '--page-requisites', '--mirror', '-l', '--level'),
  ...each('-i FILE reads a list', '--input-file', '--url-file'),
  ...each('--progress plain shows progress as lines', '--progress-bar'),
  ...each('fetchmany diff OLD.jsonl NEW.jsonl compares two runs', '--compare'),
  ...each('there is no file of options', '-K', '--config'),
]);

function each(advice: string, ...flags: readonly string[]): readonly (readonly [flag: string, advice: string])[] {
  return flags.map((flag) => [flag, advice] as const);
}
