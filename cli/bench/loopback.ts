/** Tells whether an origin is this machine: `localhost`, a name below it, 127.0.0.0/8 or [::1]. */
export function isLoopback(origin: string): boolean {
  const { hostname } = new URL(origin);
  return /^(?:(?:.+\.)?localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
}
