import { readData } from './data.ts';
import { readPlots } from './plot-readout.ts';
import { fillRequests } from './requests/request-table.ts';
import { sortTable } from './sort-table.ts';
import { startTimeline } from './timeline/timeline.ts';

async function start(): Promise<void> {
  readPlots();
  const hostTable = document.querySelector<HTMLTableElement>('#host-table');
  if (hostTable) sortTable(hostTable);
  const data = await readData();
  startTimeline(data);
  fillRequests(data);
}

void start();
