/** Names of the ground, written last and only where the signs and labels of the day leave room. */
import type { LonLat } from "../../feed/types.ts";
import { type Box, FONT } from "../brush.ts";
import { around, type Places } from "../labels.ts";
import type { MapTheme } from "../theme.ts";
import type { View } from "../view.ts";
import type { TileClient } from "./client.ts";
import type { Named, ReadNames } from "./protocol.ts";

const KEPT = 120;
const MOST = 90;
/** Two names that are the same stand so far apart at least, in design pixels. */
const APART = 380;
const WORLD_PX = 512;
/** A view that has stood for so long is written anew, letter by letter; while it moves, words are moved as pictures. */
const SETTLED_MS = 160;
const SPRITES = 600;
const SPRITE_MARGIN = 4;
/** From which zoom on a name of this rank is written. */
const FROM_PLACE = [0, 6, 8, 10, 11, 12.5, 14.3, 15.3];
const FROM_ROAD = [0, 0, 0, 11.8, 12.8, 13.6, 14.8];
const SIZE_PLACE = [0, 18, 16, 14.5, 13.5, 12.5, 12, 11.5];

/** Names that the registry writes itself are not written twice. */
const sameAs = (known: ReadonlySet<string>, name: string) =>
  known.has(name) || known.has(name.replace(/(村|社区)$/, ""));

export class BaseNames {
  private readonly kept = new Map<string, Named[]>();
  private readonly widths = new Map<string, number>();
  private readonly sprites = new Map<string, OffscreenCanvas>();
  private known: ReadonlySet<string> = new Set();
  private seen = "";
  private moving = false;
  private settled: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly client: TileClient,
    private readonly theme: MapTheme,
    private readonly unit: number,
    private readonly redraw: () => void,
  ) {
    client.onNamed = (key, names) => {
      this.kept.set(key, names);
      const oldest = this.kept.keys().next().value;
      if (this.kept.size > KEPT && oldest !== undefined) this.kept.delete(oldest);
      redraw();
    };
  }

  /** Names that are written by others. */
  without(names: Iterable<string>): void {
    this.known = new Set(names);
  }

  draw(brush: CanvasRenderingContext2D, view: View, places: Places, size: { width: number; height: number }): void {
    this.watch(view, size);
    const keys = this.keysIn(view, size);
    const found = keys.flatMap((key) => this.kept.get(key) ?? []).sort((a, b) => a.rank - b.rank);
    const zoom = view.zoom();
    const written = new Map<string, { x: number; y: number }[]>();
    let count = 0;
    brush.textBaseline = "middle";
    brush.lineJoin = "round";
    for (const named of found) {
      if (count >= MOST) break;
      const from = (named.along ? FROM_ROAD : FROM_PLACE)[named.rank] ?? 99;
      if (zoom < from || sameAs(this.known, named.name)) continue;
      const at = view.project(named.lonlat);
      if (at.x < 0 || at.y < 0 || at.x > size.width || at.y > size.height) continue;
      const others = written.get(named.name) ?? [];
      if (others.some((other) => Math.hypot(other.x - at.x, other.y - at.y) < APART * this.unit)) continue;
      const done = named.along ? this.road(brush, named, at, zoom, places) : this.place(brush, named, at, places);
      if (!done) continue;
      written.set(named.name, [...others, at]);
      count++;
    }
  }

  /** Whether the view moves, and a last time to write when it no longer does. */
  private watch(view: View, size: { width: number; height: number }): void {
    const now = `${view.unproject(0, 0)} ${view.unproject(size.width, size.height)}`;
    this.moving = this.seen !== "" && now !== this.seen;
    this.seen = now;
    if (!this.moving) return;
    clearTimeout(this.settled);
    this.settled = setTimeout(this.redraw, SETTLED_MS);
  }

  private width(brush: CanvasRenderingContext2D, name: string, size: number, weight: number): number {
    brush.font = `${weight} ${size}px ${FONT}`;
    const key = `${size} ${weight} ${name}`;
    const known = this.widths.get(key);
    if (known !== undefined) return known;
    const width = brush.measureText(name).width;
    if (document.fonts.check(brush.font, name)) this.widths.set(key, width);
    return width;
  }

  private place(brush: CanvasRenderingContext2D, named: Named, at: { x: number; y: number }, places: Places): boolean {
    const size = (SIZE_PLACE[named.rank] ?? 12) * this.unit;
    const weight = named.rank <= 3 ? 600 : 500;
    const w = this.width(brush, named.name, size, weight);
    const h = size * 1.25;
    const middle = { x: at.x - w / 2, y: at.y - h / 2, w, h };
    const dotted = named.rank >= 6;
    const box = places.first(dotted ? around(at.x, at.y, w, h, size * 0.6).slice(0, 4) : [middle]);
    if (!box) return false;
    const colour = named.class === "water" ? this.theme.base.waterName : this.theme.base.place;
    if (dotted) this.dot(brush, at);
    this.write(brush, named.name, { x: box.x + w / 2, y: box.y + h / 2, size, weight, angle: 0, colour });
    return true;
  }

  private dot(brush: CanvasRenderingContext2D, at: { x: number; y: number }): void {
    brush.beginPath();
    brush.arc(at.x, at.y, 2 * this.unit, 0, Math.PI * 2);
    brush.fillStyle = this.theme.base.place;
    brush.fill();
  }

  /** Along the road where it is straight for long enough, and never upside down. */
  private road(
    brush: CanvasRenderingContext2D,
    named: Named,
    at: { x: number; y: number },
    zoom: number,
    places: Places,
  ): boolean {
    const size = (named.rank <= 4 ? 12 : 11.5) * this.unit;
    const w = this.width(brush, named.name, size, 500);
    const run = (named.along?.length ?? 0) * WORLD_PX * 2 ** zoom;
    if (run < w * 0.8) return false;
    let angle = named.along?.angle ?? 0;
    if (angle > Math.PI / 2) angle -= Math.PI;
    else if (angle <= -Math.PI / 2) angle += Math.PI;
    const [cos, sin] = [Math.abs(Math.cos(angle)), Math.abs(Math.sin(angle))];
    const [bw, bh] = [w * cos + size * sin, w * sin + size * cos];
    const box: Box = { x: at.x - bw / 2, y: at.y - bh / 2, w: bw, h: bh };
    if (!places.first([box])) return false;
    this.write(brush, named.name, { ...at, size, weight: 500, angle, colour: this.theme.base.roadName });
    return true;
  }

  private write(
    brush: CanvasRenderingContext2D,
    name: string,
    look: { x: number; y: number; size: number; weight: number; angle: number; colour: string },
  ): void {
    brush.save();
    brush.translate(look.x, look.y);
    brush.rotate(look.angle);
    if (this.moving) this.stamp(brush, name, look);
    else this.letter(brush, name, look);
    brush.restore();
  }

  private letter(
    brush: CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D,
    name: string,
    look: { size: number; weight: number; colour: string },
  ): void {
    brush.font = `${look.weight} ${look.size}px ${FONT}`;
    brush.textAlign = "center";
    brush.textBaseline = "middle";
    brush.lineJoin = "round";
    brush.lineWidth = look.size * 0.22;
    brush.strokeStyle = this.theme.halo;
    brush.strokeText(name, 0, 0);
    brush.fillStyle = look.colour;
    brush.fillText(name, 0, 0);
  }

  /** The word as a picture made once: writing costs ten times as much as copying where there is no GPU. */
  private stamp(
    brush: CanvasRenderingContext2D,
    name: string,
    look: { size: number; weight: number; colour: string },
  ): void {
    const scale = Math.min(2, devicePixelRatio || 1);
    const w = this.width(brush, name, look.size, look.weight) + SPRITE_MARGIN * 2;
    const h = look.size * 1.5 + SPRITE_MARGIN;
    const key = `${name} ${look.size} ${look.colour}`;
    let sprite = this.sprites.get(key);
    if (!sprite) {
      sprite = new OffscreenCanvas(Math.ceil(w * scale), Math.ceil(h * scale));
      const own = sprite.getContext("2d");
      own?.setTransform(scale, 0, 0, scale, (w * scale) / 2, (h * scale) / 2);
      if (own) this.letter(own, name, look);
      // Until the font has come, words are drawn in another.
      if (document.fonts.check(`${look.weight} ${look.size}px ${FONT}`, name)) this.sprites.set(key, sprite);
      const oldest = this.sprites.keys().next().value;
      if (this.sprites.size > SPRITES && oldest !== undefined) this.sprites.delete(oldest);
    }
    brush.drawImage(sprite, -w / 2, -h / 2, sprite.width / scale, sprite.height / scale);
  }

  /** Nothing is written any more. */
  destroy(): void {
    clearTimeout(this.settled);
  }

  /** Keys of the tiles in view; what of them is not known is asked for. */
  private keysIn(view: View, size: { width: number; height: number }): string[] {
    const { min_zoom: low, max_zoom: high } = this.client.basemap;
    const z = Math.max(low, Math.min(high, Math.floor(view.zoom())));
    const n = 2 ** z;
    const tile = ([lon, lat]: LonLat): [number, number] => {
      const sine = Math.sin((lat * Math.PI) / 180);
      return [((lon + 180) / 360) * n, (0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)) * n];
    };
    const [west, north] = tile(view.unproject(0, 0));
    const [east, south] = tile(view.unproject(size.width, size.height));
    const wishes: ReadNames[] = [];
    const keys: string[] = [];
    for (let y = Math.max(0, Math.floor(north)); y <= Math.min(n - 1, Math.floor(south)); y++) {
      for (let x = Math.max(0, Math.floor(west)); x <= Math.min(n - 1, Math.floor(east)); x++) {
        const key = `${z}/${x}/${y}`;
        keys.push(key);
        if (!this.kept.has(key)) wishes.push({ kind: "names", key, z, x, y });
      }
    }
    this.client.wish("names", wishes);
    return keys;
  }
}
