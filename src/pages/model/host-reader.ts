/** Creates a function that returns the host (origin) of a URL, or {@link noHost}. It remembers hosts, up to a limit. */
export function hostReader(): (url: string) => string {
  const known = new Map<string, string>();
  return (url) => {
    // Most lists have many URLs of few hosts. Parsing each URL would be the slowest part of reading a record.
    const front = /^[^/?#\\]*[/\\]{2}[^/?#\\]*/.exec(url)?.[0];
    if (front === undefined) return originOf(url);
    const met = known.get(front);
    if (met !== undefined) return met;
    const host = originOf(front);
    if (known.size >= maxRemembered) known.clear();
    known.set(front, host);
    return host;
  };
}

/** Replaces the host of inputs that are not URLs, and of URLs without a host. */
export const noHost = '(no host)';

const maxRemembered = 100_000;

function originOf(url: string): string {
  const parsed = URL.parse(url);
  return parsed === null || parsed.origin === 'null' ? noHost : parsed.origin;
}
