import { printable } from '../../../text/printable.ts';
import { bytes, formatDuration } from '../../../text/quantity.ts';
import { verdictSigns } from '../../model/verdicts.ts';
import type { PageData } from '../../page-data.ts';
import { timeLabel } from '../../ticks.ts';
import { phasesText } from '../phases-text.ts';

/** Names a bar for its label. */
export function nameBar(data: PageData, bar: number): string {
  const { bars, labels } = data;
  return printable(`${labels[bars.labels[bar]!]!} ${bars.paths[bar]!}`);
}

/** Describes the request of a bar in full. */
export function describeBar(data: PageData, bar: number, startMs: number): string {
  const { bars, labels, methods, verdicts } = data;
  const { sign, name } = verdictSigns[verdicts[bars.verdicts[bar]!]!];
  const attempts = bars.attempts[bar]!;
  const facts = [
    `${sign} ${labels[bars.labels[bar]!]!} (${name}) in ${formatDuration(bars.elapsedMs[bar]!)}`,
    `${methods[bars.methods[bar]!]!} ${urlOf(data, bar)}`,
    `#${bars.indexes[bar]!}, started at ${timeLabel(startMs, 1)}`,
    attempts > 1 ? `${attempts} attempts` : '',
    bytes(bars.lengths[bar]!),
    phasesText({
      dns: bars.phases.dns[bar]!,
      connect: bars.phases.connect[bar]!,
      tls: bars.phases.tls[bar]!,
      firstByte: bars.phases.firstByte[bar]!,
      download: bars.phases.download[bar]!,
    }),
  ];
  return printable(facts.filter((fact) => fact !== '').join(' · '));
}

function urlOf({ bars, hosts }: PageData, bar: number): string {
  const path = bars.paths[bar]!;
  return path.startsWith('/') ? `${hosts[bars.hosts[bar]!]!}${path}` : path;
}
