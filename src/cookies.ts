import './supported-node.ts';

export { openCookieJar, type SavedCookieJar } from './outputs/cookies/open-cookie-jar.ts';
export type { CookieJar } from './http/cookie-jar.ts';
