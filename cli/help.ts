/** What `fetchmany --help` prints. */
export const fetchHelp: string = `Usage: fetchmany [URL...] [options]
       fetchmany demo | serve | bench [--help]

Fetches many URLs at once, and prints one honest record for each.

Input
  -i, --input FILE         a list of URLs, one per line; - is standard input; repeatable.
                           Blank lines and lines that start with # are skipped; gzip is
                           unpacked.
                           Without a URL and without -i, what comes down the pipe is read.
      --mode MODE          as-completed  each record when it is done (default)
                           gather        in the order of the input
                           sequential    one request at a time
      --read-ahead N       requests kept waiting, so that long runs of one host do not hold
                           the others up (default 20000)

Request
  -X, --method METHOD      (default GET; with -d POST)
  -H, --header 'NAME: V'   repeatable
  -d, --data TEXT          a body; @FILE sends the file, @- standard input
  -k, --insecure           do not verify TLS certificates
      --cacert FILE        certificates to trust, in PEM
      --cert, --key FILE   a client certificate and its key, in PEM
      --block-private      refuse addresses that are not public, also after a redirect
      --http2              offer HTTP/2
      --max-redirects N    0 follows none: the 3xx is the response (default 10)
      --max-body SIZE      longest body, decoded; B, KB, MB, GB (default 50MB)
      --expect LIST        statuses that are ok (default 200-399)

Limits
  -c, --concurrency N      in flight at once, over all hosts (default 50)
      --per-host N         in flight at once to one host (default 6)
      --rate N/s           starts per second, minute (/m) or hour (/h), evenly spaced
      --host-rate N/s      the same for each host
      --delay TIME         sequential: between the starts

Time: ms, s, m, h; 0 is no limit
  -t, --timeout TIME       one attempt, from its dispatch on (default 30s)
      --connect-timeout T  until a connection stands (default 10s)
      --headers-timeout T  until the head of the response is there
      --idle-timeout TIME  between two pieces of a body
      --url-deadline TIME  one URL with all its retries
      --deadline TIME      the whole run
      --retries N          extra attempts (default 2)
      --max-errors N       stop once more than N records, or N%, are not ok

Output
      --format FORMAT      text, jsonl, json or csv (default: by the name of the output
                           file, else text)
  -j, --jsonl              --format jsonl
  -o, --output FILE        (default standard output)
      --overwrite          replace a file that is not empty
      --resume             with -o FILE.jsonl: go on with what an earlier run left
      --retry-failed       with --resume: take up again also what is not ok
      --fsync WHEN         of FILE.jsonl, against loss of power: never, second or
                           record (default second)
      --include-headers    response headers in jsonl and json
      --progress WHEN      auto (on a terminal), plain (a line every 10 s, anywhere), none
      --no-progress        --progress none
      --summary FORMAT     text, or json: one line on standard error
  -q, --quiet              no progress and no summary
  -v, --verbose            why each failure happened
      --no-color
  -h, --help, --version

Exit status
  0 all ok   1 some not ok   2 usage   3 input   4 output   5 internal error
  7 deadline or budget   129, 130, 143 interrupted

Examples
  fetchmany https://example.com/ https://example.org/
  fetchmany -i urls.txt -c 100 --per-host 4 -o results.jsonl
  cat urls.txt | fetchmany -j | jq -r 'select(.ok | not) | .url'
  fetchmany -i urls.txt --mode sequential --delay 500ms
  fetchmany demo
`;

/** What `fetchmany demo --help` prints. */
export const demoHelp: string = `Usage: fetchmany demo [--no-color]

Fetches five slow pages of a server of its own, one by one and then together.
Needs no network.
`;

/** What `fetchmany serve --help` prints. */
export const serveHelp: string = `Usage: fetchmany serve [--port N] [--host HOST]

Runs a test server with httpbin's paths, until Ctrl-C: /delay/N /status/N /bytes/N
/redirect/N /drip /gzip /headers ... Its page / lists them all.

      --port N     (default: one that is free)
      --host HOST  what to listen on (default 127.0.0.1, which only this machine can reach)
`;

/** What `fetchmany bench --help` prints. */
export const benchHelp: string = `Usage: fetchmany bench [URL...] [options]

Makes the same requests one by one and many at once, and says how many at once to choose.
Without a URL it measures against a server of its own. A list is sent many times over:
how many requests that makes is told before the first.

  -i, --input FILE      a list of URLs, one per line; - is standard input; repeatable
      --levels LIST     how many in flight at once; 1 is always among them (default 1,8,32)
      --repeat N        rounds that count (default 3)
      --requests N      requests of each level in a round, from the start of the list, over
                        and over (default 96, or twice the highest level if that is more)
      --per-host N      in flight at once to one host (default: as many as the level)
  -t, --timeout TIME    one request, which is not retried (default 30s)
  -H, --header 'NAME: V'  repeatable
  -k, --insecure        do not verify TLS certificates
      --cacert FILE     certificates to trust, in PEM
      --http2           offer HTTP/2
      --expect LIST     statuses that are ok (default 200-399)
  -j, --json            one JSON object
  -q, --quiet           nothing but the result
  -h, --help

Exit status
  0 all ok   1 some not ok   2 usage   3 input   5 internal error   130, 143 interrupted

Examples
  fetchmany bench
  fetchmany bench -i urls.txt --levels 1,16,64
  fetchmany bench https://example.com/ --requests 20 --levels 4 -j | jq .choice.level
`;
