/** Zones as shapes on a picture: pure, corners in fractions of the picture, degrees clockwise from up. */
import type { Corner, Watch, Zone, ZoneKind } from "../feed/types.ts";

export const ZONE_KINDS: readonly ZoneKind[] = [
  "intrusion",
  "line_cross",
  "wrong_way",
  "loitering",
  "crowd",
  "left_object",
  "removed_object",
  "ignore",
];
const DIRECTED = new Set<ZoneKind>(["wrong_way", "line_cross"]);
const SECONDS = new Set<ZoneKind>(["loitering", "left_object", "removed_object"]);

export const isLine = (kind: ZoneKind) => kind === "line_cross";
export const hasDirection = (kind: ZoneKind) => DIRECTED.has(kind);
export const leastCorners = (kind: ZoneKind) => (isLine(kind) ? 2 : 3);
/** What the limit of a zone counts, if it has one. */
export const limitOf = (kind: ZoneKind): "seconds" | "persons" | null =>
  SECONDS.has(kind) ? "seconds" : kind === "crowd" ? "persons" : null;

const bounded = (value: number) => Math.round(Math.min(1, Math.max(0, value)) * 1000) / 1000;
export const inside = ([x, y]: Corner): Corner => [bounded(x), bounded(y)];

export function middleOf(polygon: readonly Corner[]): Corner {
  const sum = polygon.reduce<Corner>(([ax, ay], [x, y]) => [ax + x, ay + y], [0, 0]);
  return [sum[0] / Math.max(1, polygon.length), sum[1] / Math.max(1, polygon.length)];
}

/** Middles of the sides, to pull a new corner out of; a line has one. */
export function sidesOf(polygon: readonly Corner[], closed: boolean): Corner[] {
  const sides = polygon.map((corner, index): Corner => {
    const next = polygon[(index + 1) % polygon.length] ?? corner;
    return [(corner[0] + next[0]) / 2, (corner[1] + next[1]) / 2];
  });
  return closed ? sides : sides.slice(0, -1);
}

/** The whole shape moved, as far as it stays in the picture. */
export function moved(polygon: readonly Corner[], dx: number, dy: number): Corner[] {
  const xs = polygon.map(([x]) => x);
  const ys = polygon.map(([, y]) => y);
  const held = (step: number, values: number[]) =>
    Math.min(1 - Math.max(...values), Math.max(-Math.min(...values), step));
  const [stepX, stepY] = [held(dx, xs), held(dy, ys)];
  return polygon.map(([x, y]) => inside([x + stepX, y + stepY]));
}

/** Where the tip of a direction's arrow lies, in pixels from its foot. */
export function arrowTip(directionDeg: number, lengthPx: number): { x: number; y: number } {
  const angle = (directionDeg * Math.PI) / 180;
  return { x: Math.sin(angle) * lengthPx, y: -Math.cos(angle) * lengthPx };
}

export function directionTo(dxPx: number, dyPx: number): number {
  return Math.round(((Math.atan2(dxPx, -dyPx) * 180) / Math.PI + 360) % 360) % 360;
}

/** A new zone of a kind, with a name that no other has. */
export function newZone(kind: ZoneKind, polygon: readonly Corner[], word: string, zones: readonly Zone[]): Zone {
  const names = new Set(zones.map((zone) => zone.name));
  let number = 1;
  while (names.has(`${word}${number}`)) number += 1;
  return {
    name: `${word}${number}`,
    kind,
    polygon: polygon.map(inside),
    direction_deg: kind === "wrong_way" ? 0 : null,
    limit: null,
    hours: [],
  };
}

/** What is sent to the server: everything that a person chooses. */
export function choicesOf(watch: Watch): Omit<Watch, "camera_id" | "edited"> {
  const { camera_id: _id, edited: _edited, ...choices } = watch;
  return choices;
}

export const sameChoices = (one: Watch, other: Watch) =>
  JSON.stringify(choicesOf(one)) === JSON.stringify(choicesOf(other));
