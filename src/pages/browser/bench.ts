import { readPlots } from './plot-readout.ts';

readPlots();
