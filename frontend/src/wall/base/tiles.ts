/**
 * The ground as pictures of tiles, made by the worker and laid out here. While a picture is on its way, what is there
 * of other zooms stands in for it; where nothing is, the caller draws the town's own lines.
 */
import type { FlatView } from "../view.ts";
import type { TileClient } from "./client.ts";
import type { Draw } from "./protocol.ts";

const VECTOR_PX = 512;
const PICTURE_PX = 256;
const MAX_VIEW_ZOOM = 18;
/** Pictures for another zoom are drawn anew when the view has stood still for so long. */
const SETTLED_MS = 140;
const ANCESTORS = 5;
/** Pixels of all pictures kept; a picture holds four bytes for each. */
const KEPT_PX = 40_000_000;

interface Kept {
  picture: ImageBitmap | null;
  px: number;
}

export interface Rect {
  x: number;
  y: number;
  w: number;
  h: number;
}

interface Place {
  key: string;
  z: number;
  x: number;
  y: number;
}

const keyOf = (z: number, x: number, y: number) => `${z}/${x}/${y}`;

export class BaseTiles {
  private readonly kept = new Map<string, Kept>();
  private readonly tilePx: number;
  private readonly topZoom: number;
  private keptPx = 0;
  private seen = "";
  private settled: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly client: TileClient,
    private readonly unit: number,
    private readonly redraw: () => void,
  ) {
    const vector = client.basemap.kind === "vector";
    this.tilePx = vector ? VECTOR_PX : PICTURE_PX;
    this.topZoom = vector ? MAX_VIEW_ZOOM : client.basemap.max_zoom;
    client.onDrawn = (key, px, picture) => this.take(key, { px, picture });
  }

  destroy(): void {
    clearTimeout(this.settled);
    for (const { picture } of this.kept.values()) picture?.close();
    this.kept.clear();
  }

  /** Lay out what there is and ask for what is missing. Returns where nothing could be drawn, in pixels of the page. */
  draw(brush: CanvasRenderingContext2D, view: FlatView, dpr: number): Rect[] {
    const z = this.zoomOf(view);
    const width = (view.scale / 2 ** z) * dpr;
    const px = Math.ceil(width - 0.01);
    const left = (view.width * dpr) / 2 - view.middle[0] * view.scale * dpr;
    const top = (view.height * dpr) / 2 - view.middle[1] * view.scale * dpr;
    const wishes: Draw[] = [];
    const missing: Rect[] = [];
    const still = this.isStill(view);
    brush.setTransform(1, 0, 0, 1, 0, 0);
    for (const place of this.placesIn(view, z, 0)) {
      const [x, y] = [Math.round(left + place.x * width), Math.round(top + place.y * width)];
      const own = this.use(place.key);
      if (!own || (still && own.px !== px && own.picture)) wishes.push(this.wish(place, px, view, dpr));
      if (own?.picture) {
        if (own.px === px) brush.drawImage(own.picture, x, y);
        else brush.drawImage(own.picture, x, y, px, px);
      } else if (!own && !this.standIn(brush, place, x, y, px)) {
        missing.push({ x: x / dpr, y: y / dpr, w: px / dpr, h: px / dpr });
      }
    }
    const near: Draw[] = [];
    if (still) {
      for (const place of this.placesIn(view, z, 1)) {
        if (!this.kept.has(place.key)) near.push(this.wish(place, px, view, dpr));
      }
    }
    this.client.wish("near", near);
    this.client.wish("seen", wishes);
    return missing;
  }

  /** How many of the tiles in view stand as they should. */
  standing(view: FlatView, dpr: number): { ready: number; all: number } {
    const z = this.zoomOf(view);
    const px = Math.ceil((view.scale / 2 ** z) * dpr - 0.01);
    const places = [...this.placesIn(view, z, 0)];
    const ready = places.filter((place) => {
      const own = this.kept.get(place.key);
      return own && (own.px === px || !own.picture);
    });
    return { ready: ready.length, all: places.length };
  }

  private zoomOf(view: FlatView): number {
    const zoom = Math.floor(view.zoom() + Math.log2(VECTOR_PX / this.tilePx) + 1e-6);
    return Math.max(this.client.basemap.min_zoom, Math.min(this.topZoom, zoom));
  }

  private wish(place: Place, px: number, view: FlatView, dpr: number): Draw {
    return { kind: "draw", ...place, px, zoom: view.zoom(), unit: this.unit * dpr };
  }

  /** Tiles in view, those in the middle first; `around`: only the ring of so many outside of it. */
  private placesIn(view: FlatView, z: number, around: 0 | 1): Place[] {
    const n = 2 ** z;
    const across = view.width / 2 / view.scale;
    const down = view.height / 2 / view.scale;
    const west = Math.floor((view.middle[0] - across) * n);
    const east = Math.floor((view.middle[0] + across) * n);
    const north = Math.floor((view.middle[1] - down) * n);
    const south = Math.floor((view.middle[1] + down) * n);
    const places: (Place & { far: number })[] = [];
    for (let y = north - around; y <= south + around; y++) {
      for (let x = west - around; x <= east + around; x++) {
        const inside = x >= west && x <= east && y >= north && y <= south;
        if (x < 0 || y < 0 || x >= n || y >= n || (around === 1 && inside)) continue;
        const far = Math.hypot(x + 0.5 - view.middle[0] * n, y + 0.5 - view.middle[1] * n);
        places.push({ key: keyOf(z, x, y), z, x, y, far });
      }
    }
    return places.sort((a, b) => a.far - b.far);
  }

  /** Draw a tile out of what there is of its ancestor, or of its four children. */
  private standIn(brush: CanvasRenderingContext2D, { z, x, y }: Place, left: number, top: number, px: number): boolean {
    for (let up = 1; up <= ANCESTORS && z - up >= 0; up++) {
      const parent = this.use(keyOf(z - up, x >> up, y >> up));
      if (!parent) continue;
      if (!parent.picture) return true;
      const size = parent.px / 2 ** up;
      const [sx, sy] = [(x % 2 ** up) * size, (y % 2 ** up) * size];
      brush.drawImage(parent.picture, sx, sy, size, size, left, top, px, px);
      return true;
    }
    let found = 0;
    for (const [i, j] of [
      [0, 0],
      [1, 0],
      [0, 1],
      [1, 1],
    ] as const) {
      const child = this.use(keyOf(z + 1, x * 2 + i, y * 2 + j));
      if (!child) continue;
      found++;
      if (child.picture) brush.drawImage(child.picture, left + (i * px) / 2, top + (j * px) / 2, px / 2, px / 2);
    }
    return found === 4;
  }

  private isStill(view: FlatView): boolean {
    const now = `${view.scale} ${view.middle} ${view.width} ${view.height}`;
    if (now === this.seen) return true;
    this.seen = now;
    clearTimeout(this.settled);
    this.settled = setTimeout(this.redraw, SETTLED_MS);
    return false;
  }

  /** Looking at a picture makes it the newest. */
  private use(key: string): Kept | undefined {
    const kept = this.kept.get(key);
    if (kept) {
      this.kept.delete(key);
      this.kept.set(key, kept);
    }
    return kept;
  }

  private take(key: string, fresh: Kept): void {
    this.drop(key);
    this.kept.set(key, fresh);
    this.keptPx += fresh.picture ? fresh.px ** 2 : 0;
    for (const oldest of this.kept.keys()) {
      if (this.keptPx <= KEPT_PX) break;
      if (oldest !== key) this.drop(oldest);
    }
    this.redraw();
  }

  private drop(key: string): void {
    const kept = this.kept.get(key);
    if (!kept) return;
    this.kept.delete(key);
    if (kept.picture) this.keptPx -= kept.px ** 2;
    kept.picture?.close();
  }
}
