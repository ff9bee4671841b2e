/** Returns how many files and sockets this process may have open at once; `Infinity` if nothing limits that. */
export function maxOpenFiles(): number {
  const report = process.report as NodeJS.ProcessReport & { excludeNetwork: boolean };
  const { excludeNetwork } = report;
  // Otherwise it would look up the names of all peers.
  report.excludeNetwork = true;
  try {
    const { userLimits } = report.getReport() as { userLimits?: { open_files?: { soft: number | 'unlimited' } } };
    const soft = userLimits?.open_files?.soft;
    return typeof soft === 'number' ? soft : Infinity;
  } finally {
    report.excludeNetwork = excludeNetwork;
  }
}
