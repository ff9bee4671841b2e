/** Whether it is JSON Lines in a file that a run writes, as far as its command line says. */
export function isResumable(plan: { readonly format: string; readonly output: string | undefined }): boolean {
  return plan.format === 'jsonl' && plan.output !== undefined && plan.output !== '-';
}
