/** What a person may want of the timeline. Places are pixels from its left and its top, shares are of its width. */
export interface Wishes {
  /** @param factor below 1 shows less */
  zoom(factor: number, x: number): void;
  move(share: number): void;
  scroll(pixels: number): void;
  whole(): void;
  /** Tells of what is there. */
  point(x: number, y: number): void;
  leave(): void;
  choose(x: number, y: number): void;
  /** Chooses the next, or the one before. */
  step(by: 1 | -1): void;
  forget(): void;
}

/** Understands mouse, wheel, fingers and pen. */
export function listenToPointers(area: HTMLElement, wishes: Wishes): void {
  const pointers = new Map<number, { x: number; y: number }>();
  let travelled = 0;

  area.addEventListener(
    'wheel',
    (event) => {
      const wantsZoom = event.ctrlKey || event.metaKey || document.activeElement === area;
      // Whoever only scrolls past should not be held up.
      if (!wantsZoom) return;
      event.preventDefault();
      if (event.shiftKey) wishes.scroll(event.deltaY);
      else if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) wishes.move(event.deltaX / area.clientWidth);
      else wishes.zoom(Math.exp(Math.min(Math.max(event.deltaY, -200), 200) / 300), placeOf(area, event).x);
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
      wishes.point(place.x, place.y);
      return;
    }
    const other = [...pointers].find(([id]) => id !== event.pointerId)?.[1];
    travelled += Math.abs(place.x - before.x) + Math.abs(place.y - before.y);
    if (other !== undefined) pinch(before, place, other);
    else if (travelled > clickReach) {
      wishes.move((before.x - place.x) / area.clientWidth);
      wishes.scroll(before.y - place.y);
    }
    pointers.set(event.pointerId, place);
  });
  area.addEventListener('pointerup', (event) => {
    const place = placeOf(area, event);
    if (pointers.delete(event.pointerId) && travelled <= clickReach) wishes.choose(place.x, place.y);
  });
  area.addEventListener('pointercancel', ({ pointerId }) => pointers.delete(pointerId));
  area.addEventListener('pointerleave', () => wishes.leave());

  function pinch(before: Place, place: Place, other: Place): void {
    const distance = Math.max(Math.abs(place.x - other.x), 10);
    wishes.zoom(Math.max(Math.abs(before.x - other.x), 10) / distance, (place.x + other.x) / 2);
  }
}

interface Place {
  readonly x: number;
  readonly y: number;
}

/** A hand is never quite still; in pixels. */
const clickReach = 4;

function placeOf(area: HTMLElement, { clientX, clientY }: MouseEvent): Place {
  const { left, top } = area.getBoundingClientRect();
  return { x: clientX - left - area.clientLeft, y: clientY - top - area.clientTop };
}

/** Understands keys. */
export function listenToKeys(area: HTMLElement, wishes: Wishes): void {
  area.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const wish = wishOf(event.key, area.clientWidth / 2);
    if (wish === undefined) return;
    event.preventDefault();
    wish(wishes);
  });
}

function wishOf(key: string, middle: number): ((wishes: Wishes) => void) | undefined {
  switch (key) {
    case '+':
    case '=':
      return (wishes) => wishes.zoom(1 / 1.5, middle);
    case '-':
      return (wishes) => wishes.zoom(1.5, middle);
    case 'ArrowLeft':
      return (wishes) => wishes.move(-0.1);
    case 'ArrowRight':
      return (wishes) => wishes.move(0.1);
    case 'PageUp':
      return (wishes) => wishes.scroll(-200);
    case 'PageDown':
      return (wishes) => wishes.scroll(200);
    case 'ArrowUp':
      return (wishes) => wishes.step(-1);
    case 'ArrowDown':
      return (wishes) => wishes.step(1);
    case '0':
    case 'Home':
      return (wishes) => wishes.whole();
    case 'Escape':
      return (wishes) => wishes.forget();
    default:
      return undefined;
  }
}
