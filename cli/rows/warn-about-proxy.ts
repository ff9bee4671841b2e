import { say } from './say.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Warns, on one line, if the environment names a proxy: proxies are not supported yet. */
export function warnAboutProxy(env: Environment = process.env): void {
  const names = proxyVariables(env);
  if (names.length === 0) return;
  const are = names.length === 1 ? 'is' : 'are';
  // The values may hold passwords.
  say(
    `WARNING: ${names.join(', ')} ${are} set, but proxies are not supported yet; requests go directly to the servers`,
  );
}

/** Lists the proxy variables that are set, in upper or lower case. */
export function proxyVariables(env: Environment): string[] {
  return Object.keys(env)
    .filter((name) => /^(http|https|all)_proxy$/i.test(name) && (env[name] ?? '') !== '')
    .sort();
}
