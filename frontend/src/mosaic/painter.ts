/**
 * Paints the mosaic in a worker: follows the stream "tiles", decodes the newest picture of each camera and draws it
 * where the page wants it. The page's own thread never touches a picture.
 */
import { Feed } from "../feed/socket.ts";
import { agesOf } from "./ages.ts";
import type { FromPainter, ToPainter } from "./protocol.ts";
import { type Tile, tilesOf } from "./tiles.ts";

// Pictures drawn in one go, so that the large canvas goes to the screen a few times a second and not for each of them.
const AT_ONCE = 256;
const TELL_MS = 500;
// A picture that was moved is decoded anew at once only when it has grown so much; the others wait for their next.
const BLURRED_FROM = 1.3;

interface Box {
  x: number;
  y: number;
  w: number;
  h: number;
}

const say = (message: FromPainter) => postMessage(message);

class Painter {
  private readonly brush: OffscreenCanvasRenderingContext2D | null;
  private readonly newest = new Map<string, Tile>();
  private readonly painted = new Map<string, number>();
  private readonly waiting = new Set<string>();
  private turn = 0;
  private ids: string[] = [];
  private boxes = new Map<string, Box>();
  private delivering: string[] = [];
  private feed: Feed | null = null;
  private offsetMs = 0;
  private dpr = 1;
  private busy = false;

  constructor(
    private readonly canvas: OffscreenCanvas,
    private readonly url: string,
    private readonly areas: string[],
  ) {
    this.brush = canvas.getContext("2d", { alpha: false });
    setInterval(() => this.tell(), TELL_MS);
    this.watch(true);
  }

  watch(on: boolean): void {
    this.feed?.stop();
    this.feed = null;
    if (!on) return;
    this.feed = new Feed({
      url: this.url,
      streams: ["tiles"],
      areas: this.areas,
      seat: "",
      handlers: {
        link: (link) => say({ say: "link", link }),
        beat: (frame) => {
          this.offsetMs = Date.parse(frame.now) - Date.now();
        },
        binary: (message) => this.take(tilesOf(message)),
        snapshot: () => undefined,
        fact: () => undefined,
        positions: () => undefined,
        health: () => undefined,
      },
    });
    this.feed.start();
  }

  /** Take a new arrangement; what is painted already moves to its new place at once. */
  arrange(turn: number, width: number, height: number, dpr: number, ids: string[], boxes: Float32Array): void {
    const before = this.picture();
    const [old, oldDpr] = [this.boxes, this.dpr];
    this.canvas.width = Math.round(width * dpr);
    this.canvas.height = Math.round(height * dpr);
    this.dpr = dpr;
    this.turn = turn;
    this.ids = ids;
    this.boxes = new Map(
      ids.map((id, index) => {
        const [x = 0, y = 0, w = 0, h = 0] = boxes.subarray(index * 4, index * 4 + 4);
        return [id, { x, y, w, h }];
      }),
    );
    this.blank();
    for (const id of this.newest.keys()) {
      const [from, to] = [old.get(id), this.boxes.get(id)];
      if (before && from && to && this.painted.has(id)) this.move(before, from, oldDpr, to);
      if (!before || !from || !to || !this.painted.has(id) || to.w > from.w * BLURRED_FROM) this.waiting.add(id);
    }
    void this.paint();
  }

  private picture(): OffscreenCanvas | null {
    if (this.painted.size === 0 || this.canvas.width === 0 || this.canvas.height === 0) return null;
    const copy = new OffscreenCanvas(this.canvas.width, this.canvas.height);
    copy.getContext("2d", { alpha: false })?.drawImage(this.canvas, 0, 0);
    return copy;
  }

  private move(before: OffscreenCanvas, from: Box, dpr: number, to: Box): void {
    const { x, y, w, h } = from;
    this.brush?.drawImage(before, x * dpr, y * dpr, w * dpr, h * dpr, to.x, to.y, to.w, to.h);
  }

  deliver(ids: string[]): void {
    this.delivering = ids;
  }

  private blank(): void {
    if (!this.brush) return;
    this.brush.setTransform(this.dpr, 0, 0, this.dpr, 0, 0);
    this.brush.imageSmoothingQuality = "medium";
    this.brush.fillStyle = "#08131f";
    this.brush.fillRect(0, 0, this.canvas.width, this.canvas.height);
    this.brush.fillStyle = "#0e2235";
    for (const { x, y, w, h } of this.boxes.values()) this.brush.fillRect(x, y, w, h);
  }

  private take(tiles: Tile[]): void {
    for (const tile of tiles) {
      this.newest.set(tile.id, tile);
      this.waiting.add(tile.id);
    }
    void this.paint();
  }

  /** Paint what waits: decode many, draw them in one go; what arrives meanwhile is next. */
  private async paint(): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    while (this.waiting.size > 0) {
      const some = [...this.waiting].slice(0, AT_ONCE);
      for (const id of some) this.waiting.delete(id);
      const pictures = await Promise.all(some.map((id) => this.decode(id)));
      for (const decoded of pictures) if (decoded) this.draw(decoded.tile, decoded.picture);
    }
    this.busy = false;
  }

  private async decode(id: string): Promise<{ tile: Tile; picture: ImageBitmap } | null> {
    const tile = this.newest.get(id);
    if (!tile || !this.boxes.has(id)) return null;
    try {
      return { tile, picture: await createImageBitmap(new Blob([tile.jpeg], { type: "image/jpeg" })) };
    } catch {
      // A picture that cannot be read leaves the one before, whose age goes on growing.
      return null;
    }
  }

  /** Fill the camera's box and cut off what does not fit its shape. */
  private draw(tile: Tile, picture: ImageBitmap): void {
    const box = this.boxes.get(tile.id);
    if (box && this.brush) {
      const scale = Math.min(picture.width / box.w, picture.height / box.h);
      const [sw, sh] = [box.w * scale, box.h * scale];
      const [sx, sy] = [(picture.width - sw) / 2, (picture.height - sh) / 2];
      this.brush.drawImage(picture, sx, sy, sw, sh, box.x, box.y, box.w, box.h);
      this.painted.set(tile.id, tile.atMs);
    }
    picture.close();
  }

  private tell(): void {
    const nowMs = Date.now() + this.offsetMs;
    const age = (id: string) => {
      const at = this.painted.get(id);
      return at === undefined ? Number.POSITIVE_INFINITY : (nowMs - at) / 1000;
    };
    const atMs = Float64Array.from(this.ids, (id) => this.painted.get(id) ?? Number.NaN);
    say({ say: "ages", turn: this.turn, ages: agesOf(this.delivering.map(age)), atMs, nowMs });
  }
}

let painter: Painter | null = null;

addEventListener("message", ({ data }: MessageEvent<ToPainter>) => {
  if (data.do === "start") painter = new Painter(data.canvas, data.url, data.areas);
  else if (data.do === "watch") painter?.watch(data.on);
  else if (data.do === "arrange") painter?.arrange(data.turn, data.width, data.height, data.dpr, data.ids, data.boxes);
  else painter?.deliver(data.ids);
});
