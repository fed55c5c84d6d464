/** The town on a canvas, to be dragged and zoomed: first sight on every screen, and all there is without a GPU. */
import type { LonLat, Town } from "../feed/types.ts";
import { TileClient } from "./base/client.ts";
import { BaseTiles } from "./base/tiles.ts";
import { Ground } from "./ground.ts";
import type { MapTheme } from "./theme.ts";
import { FlatView, mercator, scaleOfZoom } from "./view.ts";

const GLIDE_MS = 500;
const DRAG_PX = 4;

export class FlatMap {
  readonly view = new FlatView();
  private readonly canvas = document.createElement("canvas");
  private readonly ground: Ground;
  private readonly base: BaseTiles | null;
  private readonly own: TileClient | null = null;
  private readonly credit = document.createElement("small");
  private readonly fingers = new Map<number, { x: number; y: number }>();
  private moved = 0;
  private frame = 0;
  private touched = false;
  private soon = 0;

  constructor(
    private readonly host: HTMLElement,
    private readonly town: Town,
    private readonly look: { theme: MapTheme; unit: number; paddingPx(): number },
    private readonly onMove: () => void,
    private readonly onClick: (x: number, y: number) => void,
    /** Whose tiles are drawn; of its own, when nobody shares them with it. */
    tiles?: TileClient | null,
  ) {
    this.ground = new Ground(town);
    if (tiles === undefined && town.basemap) this.own = new TileClient(town.basemap, look.theme);
    const shared = tiles ?? this.own;
    this.base = shared && new BaseTiles(shared, look.unit, () => this.drawSoon());
    if (this.own) this.credit.textContent = town.basemap?.attribution ?? "";
    this.canvas.className = "map-flat";
    this.credit.className = "townmap-credit";
    host.append(this.canvas, ...(this.credit.textContent ? [this.credit] : []));
    this.canvas.addEventListener("pointerdown", this.down);
    this.canvas.addEventListener("pointermove", this.move);
    this.canvas.addEventListener("pointerup", this.up);
    this.canvas.addEventListener("pointercancel", this.up);
    this.canvas.addEventListener("wheel", this.wheel, { passive: false });
    this.resize();
  }

  destroy(): void {
    cancelAnimationFrame(this.frame);
    cancelAnimationFrame(this.soon);
    this.base?.destroy();
    this.own?.destroy();
    this.canvas.remove();
    this.credit.remove();
  }

  resize(): void {
    const { clientWidth, clientHeight } = this.host;
    this.view.resize(clientWidth, clientHeight);
    const dpr = Math.min(2, devicePixelRatio || 1);
    this.canvas.width = Math.round(clientWidth * dpr);
    this.canvas.height = Math.round(clientHeight * dpr);
    if (!this.touched) this.view.fit(this.town.bounds, this.look.paddingPx());
    this.draw();
  }

  home(): void {
    cancelAnimationFrame(this.frame);
    this.touched = false;
    this.view.fit(this.town.bounds, this.look.paddingPx());
    this.changed();
  }

  /** Glide to a place, in at least this zoom. */
  goTo(lonlat: LonLat, zoom: number): void {
    this.touched = true;
    cancelAnimationFrame(this.frame);
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const from = { middle: this.view.middle, scale: this.view.scale };
    const to = { middle: mercator(lonlat), scale: Math.max(from.scale, scaleOfZoom(zoom)) };
    const start = performance.now();
    const step = (now: number) => {
      const share = calm ? 1 : Math.min(1, Math.max(0, (now - start) / GLIDE_MS));
      const eased = 1 - (1 - share) ** 3;
      this.view.scale = from.scale * (to.scale / from.scale) ** eased;
      this.view.middle = [
        from.middle[0] + (to.middle[0] - from.middle[0]) * eased,
        from.middle[1] + (to.middle[1] - from.middle[1]) * eased,
      ];
      this.changed();
      if (share < 1) this.frame = requestAnimationFrame(step);
    };
    this.frame = requestAnimationFrame(step);
  }

  private changed(): void {
    this.draw();
    this.onMove();
  }

  /** Once for all tiles that arrive within a frame. */
  private drawSoon(): void {
    cancelAnimationFrame(this.soon);
    this.soon = requestAnimationFrame(() => this.draw());
  }

  private draw(): void {
    const brush = this.canvas.getContext("2d", { alpha: false });
    if (!brush || this.view.width === 0) return;
    const { theme, unit } = this.look;
    const dpr = this.canvas.width / this.view.width;
    this.ground.draw(brush, this.view, theme, unit, dpr, this.base);
    if (!this.base) return;
    const { ready, all } = this.base.standing(this.view, dpr);
    this.canvas.dataset.tiles = `${ready}/${all}`;
  }

  private at(event: MouseEvent): { x: number; y: number } {
    const { left, top } = this.canvas.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  }

  private readonly down = (event: PointerEvent) => {
    if (event.button !== 0) return;
    cancelAnimationFrame(this.frame);
    if (this.fingers.size === 0) this.moved = 0;
    this.fingers.set(event.pointerId, this.at(event));
    this.canvas.setPointerCapture(event.pointerId);
  };

  private readonly move = (event: PointerEvent) => {
    const before = this.fingers.get(event.pointerId);
    if (!before) return;
    const now = this.at(event);
    const other = [...this.fingers].find(([id]) => id !== event.pointerId)?.[1];
    this.fingers.set(event.pointerId, now);
    this.moved += Math.hypot(now.x - before.x, now.y - before.y);
    if (this.moved < DRAG_PX) return;
    this.touched = true;
    if (other) {
      const far = (finger: { x: number; y: number }) => Math.max(1, Math.hypot(finger.x - other.x, finger.y - other.y));
      this.view.zoomAt((now.x + other.x) / 2, (now.y + other.y) / 2, far(now) / far(before));
    } else {
      this.view.panBy(now.x - before.x, now.y - before.y);
    }
    this.changed();
  };

  private readonly up = (event: PointerEvent) => {
    if (!this.fingers.delete(event.pointerId)) return;
    if (event.type === "pointerup" && this.moved < DRAG_PX && this.fingers.size === 0) {
      const { x, y } = this.at(event);
      this.onClick(x, y);
    }
  };

  private readonly wheel = (event: WheelEvent) => {
    event.preventDefault();
    this.touched = true;
    const { x, y } = this.at(event);
    this.view.zoomAt(x, y, 2 ** (-event.deltaY / (event.deltaMode === 0 ? 300 : 10)));
    this.changed();
  };
}
