import type { PageData } from '../page-data.ts';
import { element } from './element.ts';

/** Unpacks what the page was given to work on. */
export async function readData(): Promise<PageData> {
  const packed = Uint8Array.from(atob(element('data', HTMLElement).textContent), (character) => character.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'));
  return JSON.parse(await new Response(stream).text()) as PageData;
}
