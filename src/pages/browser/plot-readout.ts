/** Makes every plot show its values on hover and by arrow keys. The values come from its table. */
export function readPlots(): void {
  for (const figure of document.querySelectorAll<HTMLElement>('figure.plot')) readPlot(figure);
}

function readPlot(figure: HTMLElement): void {
  const area = figure.querySelector<HTMLElement>('.plot-area')!;
  const plane = area.querySelector('.plane')!;
  const cursor = figure.querySelector<SVGRectElement>('.cursor')!;
  const readout = figure.querySelector<HTMLOutputElement>('.readout')!;
  const columns = Array.from(figure.querySelectorAll('thead th'), ({ textContent }) => textContent.trim());
  const rows = [...figure.querySelectorAll<HTMLElement>('tbody tr')];
  let current = -1;

  function show(row: number): void {
    current = row;
    const shown = rows[row];
    const from = Number(shown?.dataset['from'] ?? 0);
    const to = Number(shown?.dataset['to'] ?? 0);
    cursor.setAttribute('x', `${from * 100}%`);
    cursor.setAttribute('width', `${(to - from) * 100}%`);
    readout.textContent = shown ? describe(shown, columns) : '';
  }

  area.addEventListener('pointermove', ({ clientX }) => {
    const { left, width } = plane.getBoundingClientRect();
    show(nearest(rows, (clientX - left) / width));
  });
  area.addEventListener('pointerleave', () => show(-1));
  area.addEventListener('blur', () => show(-1));
  area.addEventListener('keydown', (event) => {
    const next = afterKey(event.key, current, rows.length);
    if (next === undefined) return;
    event.preventDefault();
    show(next);
  });
}

function describe(row: HTMLElement, columns: readonly string[]): string {
  const [name = '', ...numbers] = Array.from(row.children, ({ textContent }) => textContent.trim());
  return `${name}: ${numbers.map((number, at) => `${number} ${columns[at + 1]}`).join(', ')}`;
}

function nearest(rows: readonly HTMLElement[], at: number): number {
  const distances = rows.map(({ dataset }) => {
    return Math.max(Number(dataset['from']) - at, at - Number(dataset['to']), 0);
  });
  return distances.indexOf(Math.min(...distances));
}

function afterKey(key: string, current: number, count: number): number | undefined {
  switch (key) {
    case 'ArrowRight':
      return Math.min(current + 1, count - 1);
    case 'ArrowLeft':
      return Math.max(current - 1, 0);
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    case 'Escape':
      return -1;
    default:
      return undefined;
  }
}
