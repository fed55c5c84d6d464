/** Where a place lies on the screen, by Web Mercator; scale and fitting agree with MapLibre's. */
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
const MIN_ZOOM = 9;
const MAX_ZOOM = 18;

/** Web Mercator, 0–1 from west to east and from north to south. */
export function mercator([lon, lat]: readonly [number, number]): [x: number, y: number] {
  const sine = Math.sin((lat * Math.PI) / 180);
  return [(lon + 180) / 360, 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)];
}

function lonlatOf(x: number, y: number): LonLat {
  return [x * 360 - 180, (Math.atan(Math.sinh(Math.PI * (1 - 2 * y))) * 180) / Math.PI];
}

/** A view without a map library: a middle, a scale, a size in pixels. */
export class FlatView implements View {
  /** Mercator of the middle of the screen. */
  middle: [number, number] = [0.5, 0.5];
  /** Pixels per world width. */
  scale = WORLD_PX;
  width = 0;
  height = 0;

  resize(width: number, height: number): void {
    this.width = width;
    this.height = height;
  }

  /** Show all of `bounds` (west, south, east, north in degrees) within the padding. */
  fit(bounds: readonly [number, number, number, number], paddingPx: number): void {
    const [left, bottom] = mercator([bounds[0], bounds[1]]);
    const [right, top] = mercator([bounds[2], bounds[3]]);
    const across = (this.width - 2 * paddingPx) / (right - left);
    const down = (this.height - 2 * paddingPx) / (bottom - top);
    this.scale = Math.max(WORLD_PX, Math.min(across, down));
    this.middle = [(left + right) / 2, (top + bottom) / 2];
  }

  panBy(dx: number, dy: number): void {
    this.middle = [this.middle[0] - dx / this.scale, this.middle[1] - dy / this.scale];
  }

  /** Zoom by a factor; what lies under (x, y) stays there. */
  zoomAt(x: number, y: number, factor: number): void {
    const lowest = WORLD_PX * 2 ** MIN_ZOOM;
    const scale = Math.min(WORLD_PX * 2 ** MAX_ZOOM, Math.max(lowest, this.scale * factor));
    const [right, down] = [x - this.width / 2, y - this.height / 2];
    this.middle = [
      this.middle[0] + right / this.scale - right / scale,
      this.middle[1] + down / this.scale - down / scale,
    ];
    this.scale = scale;
  }

  project(lonlat: LonLat): { x: number; y: number } {
    const [x, y] = mercator(lonlat);
    return {
      x: this.width / 2 + (x - this.middle[0]) * this.scale,
      y: this.height / 2 + (y - this.middle[1]) * this.scale,
    };
  }

  unproject(x: number, y: number): LonLat {
    return lonlatOf(
      this.middle[0] + (x - this.width / 2) / this.scale,
      this.middle[1] + (y - this.height / 2) / this.scale,
    );
  }

  metresPerPixel(): number {
    const [, lat] = lonlatOf(this.middle[0], this.middle[1]);
    return (EARTH_M * Math.cos((lat * Math.PI) / 180)) / this.scale;
  }

  zoom(): number {
    return Math.log2(this.scale / WORLD_PX);
  }
}

export const scaleOfZoom = (zoom: number) => WORLD_PX * 2 ** zoom;
