// `fetchmany/stats`: counts and percentiles of a run, live or recorded, and its summary.
import './supported-node.ts';

export type { HostFigures, HostStats } from './stats/host-stats.ts';
export { createStats, type Stats } from './stats/stats.ts';
export { renderSummary, type LiveFigures } from './outputs/summary/summary.ts';
export { summaryRecord, type SummaryRecord } from './outputs/summary/summary-json.ts';
