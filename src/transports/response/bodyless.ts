/** Whether a response has no body, whatever length its head tells: that of the body it would have had. */
export function isBodyless(method: string, status: number): boolean {
  return method === 'HEAD' || status === 204 || status === 304;
}
