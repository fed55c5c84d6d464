/**
 * The one owner of the map. The town is drawn flat at once; MapLibre takes over what stands still when it has loaded,
 * and where there is no WebGL the flat town stays. What changes is drawn by the overlay in either case.
 */
import type { Map as GlMap } from "maplibre-gl";
import type { LonLat, Town } from "../feed/types.ts";
import { distanceM } from "../fold/lists.ts";
import { drawFirstSight } from "./firstSight.ts";
import { Overlay } from "./overlay.ts";
import type { Pick, Scene } from "./scene.ts";
import type { MapTheme } from "./theme.ts";
import { flatView, type View } from "./view.ts";

export interface MapOptions {
  theme: MapTheme;
  /** Size of one design pixel on this screen. */
  unit: number;
  onPick(pick: Pick): void;
  /** A click on nothing, in lon/lat degrees; on anything at all while `placing`. */
  onPlace?(lonlat: LonLat): void;
  placing?(): boolean;
  /** Whether a click may mean one of the many camera dots. */
  pickCameras?: boolean;
  /** `first` at once, then `ready`, or `flat` where WebGL is missing. */
  onState?(state: "first" | "ready" | "flat"): void;
}

const CLICK_REACH_PX = 12;
const LOAD_WITHIN_MS = 1500;

/** Run when the page has nothing better to do, Safari included. */
function whenIdle(act: () => void): void {
  if ("requestIdleCallback" in window) requestIdleCallback(act, { timeout: LOAD_WITHIN_MS });
  else setTimeout(act, 200);
}

export class TownMap {
  private readonly overlay: Overlay;
  private readonly watcher: ResizeObserver;
  private readonly ground = document.createElement("div");
  private gl: GlMap | null = null;
  private flat: View;
  private wanted: { lonlat: LonLat; zoom: number } | null = null;
  private ended = false;

  constructor(
    private readonly host: HTMLElement,
    private readonly town: Town,
    private readonly options: MapOptions,
  ) {
    this.ground.className = "townmap-ground";
    host.append(this.ground);
    this.flat = this.fit();
    const { theme, unit } = options;
    this.overlay = new Overlay(host, this.view(), theme, unit);
    this.overlay.until((brush) => drawFirstSight(brush, town, theme, unit, (lonlat) => this.seen().project(lonlat)));
    host.addEventListener("click", this.clickedFlat);
    this.watcher = new ResizeObserver(() => this.resize());
    this.watcher.observe(host);
    this.nameVillages();
    options.onState?.("first");
    whenIdle(() => void this.load());
  }

  show(scene: Scene): void {
    this.overlay.show(scene);
  }

  /** Bring a place into view, gently, and only as near as needed; waits for MapLibre if need be. */
  goTo(lonlat: LonLat, zoom = 14): void {
    this.wanted = { lonlat, zoom };
    if (!this.gl) return;
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.gl.easeTo({ center: lonlat, zoom: Math.max(this.gl.getZoom(), zoom), duration: calm ? 0 : 700 });
  }

  home(): void {
    this.wanted = null;
    this.gl?.fitBounds(this.town.bounds, { padding: this.paddingPx(), duration: 400 });
  }

  destroy(): void {
    this.ended = true;
    this.host.removeEventListener("click", this.clickedFlat);
    this.watcher.disconnect();
    this.overlay.destroy();
    this.gl?.remove();
    this.ground.remove();
  }

  private async load(): Promise<void> {
    const { theme, unit } = this.options;
    try {
      const { createGl } = await import("./gl.ts");
      if (this.ended) return;
      this.attach(createGl(this.ground, this.town, { theme, unit, paddingPx: this.paddingPx() }));
    } catch {
      // No WebGL, or its code did not arrive: the flat town stays and everything on it goes on.
      this.options.onState?.("flat");
    }
  }

  private attach(gl: GlMap): void {
    gl.once("idle", () => {
      if (this.ended) return;
      this.gl = gl;
      gl.on("click", (event) => this.clicked(event.point.x, event.point.y));
      gl.on("move", () => this.overlay.redraw());
      this.overlay.until(null);
      this.options.onState?.("ready");
      if (this.wanted) this.goTo(this.wanted.lonlat, this.wanted.zoom);
    });
    this.watcher.observe(this.ground);
  }

  private paddingPx(): number {
    return Math.round(Math.min(this.host.clientWidth, this.host.clientHeight) * 0.03);
  }

  private fit(): View {
    const size = { width: this.host.clientWidth, height: this.host.clientHeight };
    return flatView(this.town.bounds, size, this.paddingPx());
  }

  private seen(): View {
    const { gl } = this;
    if (!gl) return this.flat;
    return {
      project: (lonlat) => gl.project(lonlat),
      unproject: (x, y) => {
        const { lng, lat } = gl.unproject([x, y]);
        return [lng, lat];
      },
      zoom: () => gl.getZoom(),
      metresPerPixel: () => {
        const a = gl.unproject([0, 0]);
        const b = gl.unproject([100, 0]);
        return distanceM([a.lng, a.lat], [b.lng, b.lat]) / 100;
      },
    };
  }

  private view(): View {
    return {
      project: (lonlat) => this.seen().project(lonlat),
      unproject: (x, y) => this.seen().unproject(x, y),
      zoom: () => this.seen().zoom(),
      metresPerPixel: () => this.seen().metresPerPixel(),
    };
  }

  /** Before MapLibre listens itself: its own click leaves out the end of a drag. */
  private readonly clickedFlat = (event: MouseEvent) => {
    const { left, top } = this.host.getBoundingClientRect();
    if (!this.gl) this.clicked(event.clientX - left, event.clientY - top);
  };

  private clicked(x: number, y: number): void {
    const pick = this.options.placing?.() ? null : (this.overlay.pick(x, y) ?? this.cameraAt(x, y));
    if (pick) this.options.onPick(pick);
    else this.options.onPlace?.(this.seen().unproject(x, y));
  }

  private cameraAt(x: number, y: number): Pick | null {
    if (!this.options.pickCameras) return null;
    const view = this.seen();
    let best: { id: string; far: number } | null = null;
    for (const camera of this.town.cameras) {
      const at = view.project(camera.lonlat);
      const far = Math.hypot(at.x - x, at.y - y);
      if (far < CLICK_REACH_PX && (!best || far < best.far)) best = { id: camera.id, far };
    }
    return best ? { kind: "camera", id: best.id } : null;
  }

  private resize(): void {
    this.flat = this.fit();
    this.gl?.resize();
    this.overlay.resize();
  }

  /** Names are drawn again once the font with their characters has arrived. */
  private nameVillages(): void {
    const villages = this.town.villages.features.flatMap((feature) => {
      const { name, center } = (feature.properties ?? {}) as { name?: string; center?: LonLat };
      return name && center ? [{ name, lonlat: center }] : [];
    });
    this.overlay.name(villages);
    const text = villages.map((village) => village.name).join("");
    void document.fonts.load('16px "Noto Sans SC Variable"', text).then(() => this.overlay.redraw());
  }
}
