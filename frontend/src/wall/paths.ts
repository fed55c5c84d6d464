/** Lines as paths that are made once: what has thousands of corners is not projected anew at every move of the map. */
import type { LonLat } from "../feed/types.ts";
import { mercator, type View } from "./view.ts";

/** Paths count in units of 1/UNITS of the world from a corner: canvas paths keep only 24 bits of a number. */
const UNITS = 2 ** 22;
const EAST_DEG = 0.01;

interface Shape {
  corner: LonLat;
  path: Path2D;
}
const shapes = new WeakMap<object, Shape>();

/** The path of some lines; kept for as long as `key` is. */
export function shapeOf(key: object, lines: readonly (readonly LonLat[])[], closed = false): Shape | null {
  const known = shapes.get(key);
  const corner = lines[0]?.[0];
  if (known || !corner) return known ?? null;
  const [left, top] = mercator(corner);
  const path = new Path2D();
  for (const line of lines) {
    line.forEach((lonlat, index) => {
      const [x, y] = mercator(lonlat);
      if (index === 0) path.moveTo((x - left) * UNITS, (y - top) * UNITS);
      else path.lineTo((x - left) * UNITS, (y - top) * UNITS);
    });
    if (closed) path.closePath();
  }
  const made = { corner, path };
  shapes.set(key, made);
  return made;
}

/** Draw with a path where it lies on the screen; widths and dashes in pixels are to be divided by `scale`. */
export function within(
  brush: CanvasRenderingContext2D,
  view: Pick<View, "project">,
  { corner, path }: Shape,
  draw: (path: Path2D, scale: number) => void,
): void {
  const from = view.project(corner);
  const scale = (view.project([corner[0] + EAST_DEG, corner[1]]).x - from.x) / ((EAST_DEG / 360) * UNITS);
  brush.save();
  brush.translate(from.x, from.y);
  brush.scale(scale, scale);
  draw(path, scale);
  brush.restore();
}
