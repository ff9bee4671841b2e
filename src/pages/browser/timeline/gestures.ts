/** Operations on the timeline. Coordinates are pixels from its top left corner, shares are of its width. */
export interface TimelineControls {
  /** Zooms around `x`; a factor below 1 zooms in. */
  zoom(factor: number, x: number): void;
  /** Pans by a share of the width. */
  move(share: number): void;
  /** Scrolls the lanes vertically. */
  scroll(pixels: number): void;
  /** Shows the whole run. */
  showAll(): void;
  /** Describes the bar at a point. */
  hover(x: number, y: number): void;
  /** Ends hovering. */
  leave(): void;
  /** Selects the bar at a point, or none. */
  select(x: number, y: number): void;
  /** Selects the next bar, or the previous one. */
  selectNext(by: 1 | -1): void;
  deselect(): void;
}

/** Turns mouse, wheel, touch and pen events into operations. */
export function listenToPointers(area: HTMLElement, controls: TimelineControls): void {
  const pointers = new Map<number, { x: number; y: number }>();
  let travelled = 0;

  area.addEventListener(
    'wheel',
    (event) => {
      const wantsZoom = event.ctrlKey || event.metaKey || document.activeElement === area;
      // Scrolling past the timeline must not zoom it.
      if (!wantsZoom) return;
      event.preventDefault();
      if (event.shiftKey) controls.scroll(event.deltaY);
      else if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) controls.move(event.deltaX / area.clientWidth);
      else controls.zoom(Math.exp(Math.min(Math.max(event.deltaY, -200), 200) / 300), placeOf(area, event).x);
    },
    { passive: false },
  );
  area.addEventListener('pointerdown', (event) => {
    area.focus({ preventScroll: true });
    area.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, placeOf(area, event));
    travelled = 0;
  });
  area.addEventListener('pointermove', (event) => {
    const place = placeOf(area, event);
    const before = pointers.get(event.pointerId);
    if (before === undefined) {
      controls.hover(place.x, place.y);
      return;
    }
    const other = [...pointers].find(([id]) => id !== event.pointerId)?.[1];
    travelled += Math.abs(place.x - before.x) + Math.abs(place.y - before.y);
    if (other !== undefined) pinch(before, place, other);
    else if (travelled > maxClickTravel) {
      controls.move((before.x - place.x) / area.clientWidth);
      controls.scroll(before.y - place.y);
    }
    pointers.set(event.pointerId, place);
  });
  area.addEventListener('pointerup', (event) => {
    const place = placeOf(area, event);
    if (pointers.delete(event.pointerId) && travelled <= maxClickTravel) controls.select(place.x, place.y);
  });
  area.addEventListener('pointercancel', ({ pointerId }) => pointers.delete(pointerId));
  area.addEventListener('pointerleave', () => controls.leave());

  function pinch(before: Place, place: Place, other: Place): void {
    const distance = Math.max(Math.abs(place.x - other.x), 10);
    controls.zoom(Math.max(Math.abs(before.x - other.x), 10) / distance, (place.x + other.x) / 2);
  }
}

interface Place {
  readonly x: number;
  readonly y: number;
}

/** Pixels that the pointer may move during a click. */
const maxClickTravel = 4;

function placeOf(area: HTMLElement, { clientX, clientY }: MouseEvent): Place {
  const { left, top } = area.getBoundingClientRect();
  return { x: clientX - left - area.clientLeft, y: clientY - top - area.clientTop };
}

/** Turns keys into operations. */
export function listenToKeys(area: HTMLElement, controls: TimelineControls): void {
  area.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const operate = operationOf(event.key, area.clientWidth / 2);
    if (operate === undefined) return;
    event.preventDefault();
    operate(controls);
  });
}

function operationOf(key: string, middle: number): ((controls: TimelineControls) => void) | undefined {
  switch (key) {
    case '+':
    case '=':
      return (controls) => controls.zoom(1 / 1.5, middle);
    case '-':
      return (controls) => controls.zoom(1.5, middle);
    case 'ArrowLeft':
      return (controls) => controls.move(-0.1);
    case 'ArrowRight':
      return (controls) => controls.move(0.1);
    case 'PageUp':
      return (controls) => controls.scroll(-200);
    case 'PageDown':
      return (controls) => controls.scroll(200);
    case 'ArrowUp':
      return (controls) => controls.selectNext(-1);
    case 'ArrowDown':
      return (controls) => controls.selectNext(1);
    case '0':
    case 'Home':
      return (controls) => controls.showAll();
    case 'Escape':
      return (controls) => controls.deselect();
    default:
      return undefined;
  }
}
