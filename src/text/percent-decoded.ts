/** Decodes percent-encoded UTF-8. Text that is not validly encoded is returned as it is. */
export function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
