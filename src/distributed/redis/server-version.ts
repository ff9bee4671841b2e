/** Throws an Error unless a server is of version 6.2 or later, by what it says of itself. Valkey names the version of Redis it equals. */
export function requireVersion(version: string): void {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  // One that does not tell is not refused.
  if (version === '' || Number.isNaN(major) || major > 6 || (major === 6 && minor >= 2)) return;
  throw new Error(`it runs version ${version}; 6.2 or later is required`);
}
