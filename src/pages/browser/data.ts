import type { PageData } from '../page-data.ts';
import { element } from './element.ts';

/** Unpacks the data embedded in the page. */
export async function readData(): Promise<PageData> {
  const text = atob(element('data', HTMLElement).textContent);
  const packed = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at += 1) packed[at] = text.charCodeAt(at);
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'));
  return JSON.parse(await new Response(stream).text()) as PageData;
}
