/** The host of a URL (scheme, name and port), as a request has it; undefined of what is no URL. */
export function hostOf(url: string): string | undefined {
  const plain = plainHost.exec(url)?.[0];
  // Not every label that says it is punycode is.
  if (plain !== undefined && !plain.includes('xn--')) return plain;
  const parsed = URL.parse(url);
  return parsed?.protocol === 'http:' || parsed?.protocol === 'https:' ? parsed.origin : undefined;
}

// Parsing takes five times as long, and most URLs are as plain as this: lower case, no user, no port, no number for a name.
const plainHost = /^https?:\/\/[a-z0-9.-]*[a-z](?=[/?#]|$)/;
