/** The host (origin) of each URL; of what is none, {@link noHost}. Remembers those it met, up to a bound. */
export function hostReader(): (url: string) => string {
  const known = new Map<string, string>();
  return (url) => {
    // Most lists have many URLs of few hosts: parsing each would be the dearest part of reading a record.
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

/** Stands for the host where a URL has none. */
export const noHost = '(not a URL with a host)';

const maxRemembered = 100_000;

function originOf(url: string): string {
  const parsed = URL.parse(url);
  return parsed === null || parsed.origin === 'null' ? noHost : parsed.origin;
}
