import type { Unit } from '../flags/units.ts';

/** Where metrics are served. */
export interface MetricsAddress {
  readonly host: string;
  readonly port: number;
}

/** An address as `[HOST:]PORT`. Without a host it is reachable from this machine only. */
export const metricsAddress: Unit<MetricsAddress> = {
  parse(text) {
    const [, host = '127.0.0.1', digits] = /^(?:\[?([^[\]]+)\]?:)?(\d{1,5})$/.exec(text) ?? [];
    const port = Number(digits);
    return port <= 65_535 ? { host, port } : undefined;
  },
  wanted: 'a port, or an address and a port',
  example: '0.0.0.0:9464',
};
