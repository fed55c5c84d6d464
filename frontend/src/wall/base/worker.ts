/** Fetches and draws tiles of the ground beside the page's own thread, which only lays the pictures out. */
import type { VectorTile } from "@mapbox/vector-tile";
import { EXTENT, paintTile, type Shapes } from "./paint.ts";
import type { Draw, FromTiles, ReadNames, Start, ToTiles } from "./protocol.ts";
import { decode, namesOf, shapesOf } from "./read.ts";

const KEPT = 80;
const say = (message: FromTiles, transfer: Transferable[] = []) => postMessage(message, { transfer });

interface Source {
  tile: VectorTile;
  shapes: Shapes | null;
}

class Tiles {
  private readonly sources = new Map<string, Promise<Source | null>>();

  constructor(private readonly start: Start) {}

  /** Decoded tiles, the newest used kept; a failed one is asked for again next time. */
  private source(z: number, x: number, y: number): Promise<Source | null> {
    const key = `${z}/${x}/${y}`;
    const known = this.sources.get(key);
    const found =
      known ??
      this.fetch(`tiles/${this.start.version}/${key}`).then(async (answer) => {
        if (!answer) return null;
        return { tile: decode(await answer.arrayBuffer()), shapes: null };
      });
    this.sources.delete(key);
    this.sources.set(key, found);
    found.catch(() => this.sources.delete(key));
    const oldest = this.sources.keys().next().value;
    if (this.sources.size > KEPT && oldest !== undefined) this.sources.delete(oldest);
    return found;
  }

  private async fetch(path: string): Promise<Response | null> {
    const answer = await fetch(`/api/v1/basemap/${path}`);
    if (answer.status === 204) return null;
    if (!answer.ok) throw new Error(`${answer.status}`);
    return answer;
  }

  async draw(wish: Draw): Promise<void> {
    const picture = await (this.start.vector ? this.paint(wish) : this.picture(wish));
    say({ kind: "drawn", key: wish.key, px: wish.px, picture }, picture ? [picture] : []);
  }

  private async paint({ z, x, y, px, zoom, unit }: Draw): Promise<ImageBitmap | null> {
    const up = Math.max(0, z - this.start.maxZoom);
    const source = await this.source(z - up, x >> up, y >> up);
    if (!source) return null;
    source.shapes ??= shapesOf(source.tile);
    const canvas = new OffscreenCanvas(px, px);
    const brush = canvas.getContext("2d");
    if (!brush) return null;
    const size = EXTENT / 2 ** up;
    const part = { left: (x % 2 ** up) * size, top: (y % 2 ** up) * size, size, scale: px / size };
    paintTile(brush, source.shapes, part, { zoom, unit, colours: this.start.colours });
    return canvas.transferToImageBitmap();
  }

  private async picture({ z, x, y, px }: Draw): Promise<ImageBitmap | null> {
    const answer = await this.fetch(`pictures/${this.start.version}/${z}/${x}/${y}`);
    if (!answer) return null;
    const raw = await createImageBitmap(await answer.blob());
    const canvas = new OffscreenCanvas(px, px);
    const brush = canvas.getContext("2d");
    if (!brush) return raw;
    brush.imageSmoothingQuality = "high";
    if (this.start.filter) brush.filter = this.start.filter;
    brush.drawImage(raw, 0, 0, px, px);
    raw.close();
    if (this.start.tint) {
      brush.filter = "none";
      brush.globalCompositeOperation = "screen";
      brush.fillStyle = this.start.tint;
      brush.fillRect(0, 0, px, px);
    }
    return canvas.transferToImageBitmap();
  }

  async names({ key, z, x, y }: ReadNames): Promise<void> {
    const source = await this.source(z, x, y);
    say({ kind: "named", key, names: source ? namesOf(source.tile, z, x, y) : [] });
  }
}

let tiles: Tiles | null = null;

addEventListener("message", ({ data }: MessageEvent<ToTiles>) => {
  if (data.kind === "start") tiles = new Tiles(data);
  else if (data.kind === "draw") tiles?.draw(data).catch(() => say({ kind: "failed", key: data.key, names: false }));
  else tiles?.names(data).catch(() => say({ kind: "failed", key: data.key, names: true }));
});
