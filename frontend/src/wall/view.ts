/** Where a place lies on the screen. The flat view needs no map library: it shows the whole town and never moves. */
import type { LonLat } from "../feed/types.ts";

export interface View {
  project(lonlat: LonLat): { x: number; y: number };
  unproject(x: number, y: number): LonLat;
  metresPerPixel(): number;
  zoom(): number;
}

/** Width of the world at zoom 0 in pixels, as MapLibre counts. */
const WORLD_PX = 512;
const EARTH_M = 40_075_017;

/** Web Mercator, 0–1 from west to east and from north to south. */
function mercator([lon, lat]: LonLat): [number, number] {
  const sine = Math.sin((lat * Math.PI) / 180);
  return [(lon + 180) / 360, 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)];
}

function lonlatOf(x: number, y: number): LonLat {
  return [x * 360 - 180, (Math.atan(Math.sinh(Math.PI * (1 - 2 * y))) * 180) / Math.PI];
}

/** The view that MapLibre takes when it fits `bounds` (west, south, east, north) into a box with padding. */
export function flatView(
  bounds: readonly [number, number, number, number],
  size: { width: number; height: number },
  paddingPx: number,
): View {
  const [left, bottom] = mercator([bounds[0], bounds[1]]);
  const [right, top] = mercator([bounds[2], bounds[3]]);
  const scale = Math.max(
    1,
    Math.min((size.width - 2 * paddingPx) / (right - left), (size.height - 2 * paddingPx) / (bottom - top)),
  );
  const middleLat = (bounds[1] + bounds[3]) / 2;
  return {
    project: (lonlat) => {
      const [x, y] = mercator(lonlat);
      return {
        x: size.width / 2 + (x - (left + right) / 2) * scale,
        y: size.height / 2 + (y - (top + bottom) / 2) * scale,
      };
    },
    unproject: (x, y) =>
      lonlatOf((left + right) / 2 + (x - size.width / 2) / scale, (top + bottom) / 2 + (y - size.height / 2) / scale),
    metresPerPixel: () => (EARTH_M * Math.cos((middleLat * Math.PI) / 180)) / scale,
    zoom: () => Math.log2(scale / WORLD_PX),
  };
}
