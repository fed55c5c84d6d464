/**
 * The one owner of the map. The town stands on a canvas at once; where there is a GPU, MapLibre takes over what stands
 * still as soon as it has loaded. What changes is drawn by the overlay in either case.
 */
import type { Map as GlMap } from "maplibre-gl";
import type { LonLat, Town } from "../feed/types.ts";
import { distanceM } from "../fold/lists.ts";
import { TileClient } from "./base/client.ts";
import { BaseNames } from "./base/names.ts";
import { FlatMap } from "./flatMap.ts";
import { Overlay } from "./overlay.ts";
import { hasGpu } from "./renderer.ts";
import type { Pick, Scene } from "./scene.ts";
import type { MapTheme } from "./theme.ts";
import type { View } from "./view.ts";

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
  /** What draws the ground now. */
  onGround?(ground: "flat" | "gl"): void;
}

const CLICK_REACH_PX = 12;
const LOAD_WITHIN_MS = 1500;

/** Run when the page has nothing better to do, Safari included. */
function whenIdle(act: () => void): void {
  if ("requestIdleCallback" in window) requestIdleCallback(act, { timeout: LOAD_WITHIN_MS });
  else setTimeout(act, 200);
}

function glView(gl: GlMap): View {
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

export class TownMap {
  private readonly overlay: Overlay;
  private readonly watcher: ResizeObserver;
  private readonly ground = document.createElement("div");
  private flat: FlatMap | null;
  private readonly tiles: TileClient | null;
  private gl: GlMap | null = null;
  private seen: View;
  private wanted: { lonlat: LonLat; zoom: number } | null = null;
  private ended = false;

  constructor(
    private readonly host: HTMLElement,
    private readonly town: Town,
    private readonly options: MapOptions,
  ) {
    this.ground.className = "townmap-ground";
    host.append(this.ground);
    const { theme, unit } = options;
    const look = { theme, unit, paddingPx: () => this.paddingPx() };
    this.tiles = town.basemap ? new TileClient(town.basemap, theme) : null;
    const flat = new FlatMap(
      host,
      town,
      look,
      () => this.overlay.redraw(),
      (x, y) => this.clicked(x, y),
      this.tiles,
    );
    this.flat = flat;
    this.seen = flat.view;
    const vector = town.basemap?.kind === "vector";
    const names = this.tiles && vector ? new BaseNames(this.tiles, theme, unit, () => this.overlay.redraw()) : null;
    this.overlay = new Overlay(host, this.view(), theme, unit, names);
    this.watcher = new ResizeObserver(() => this.resize());
    this.watcher.observe(host);
    this.nameVillages();
    options.onGround?.("flat");
    whenIdle(() => void this.load());
  }

  show(scene: Scene): void {
    this.overlay.show(scene);
  }

  /** Bring a place into view, gently, and only as near as needed. */
  goTo(lonlat: LonLat, zoom = 14): void {
    this.wanted = { lonlat, zoom };
    this.flat?.goTo(lonlat, zoom);
    if (!this.gl || this.flat) return;
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.gl.easeTo({ center: lonlat, zoom: Math.max(this.gl.getZoom(), zoom), duration: calm ? 0 : 700 });
  }

  home(): void {
    this.wanted = null;
    this.flat?.home();
    if (!this.flat) this.gl?.fitBounds(this.town.bounds, { padding: this.paddingPx(), duration: 400 });
  }

  destroy(): void {
    this.ended = true;
    this.watcher.disconnect();
    this.overlay.destroy();
    this.flat?.destroy();
    this.gl?.remove();
    this.ground.remove();
    this.tiles?.destroy();
  }

  private async load(): Promise<void> {
    if (this.ended || !hasGpu()) return;
    const { theme, unit } = this.options;
    try {
      const { createGl } = await import("./gl.ts");
      if (this.ended) return;
      this.gl = createGl(this.ground, this.town, { theme, unit, paddingPx: this.paddingPx() });
      this.gl.once("idle", () => this.takeOver());
    } catch {
      // Its code did not arrive or the GPU refused: the flat town stays and everything on it goes on.
      this.gl = null;
    }
  }

  /** The flat town goes, unless somebody has moved it: then MapLibre first goes where it is. */
  private takeOver(): void {
    const { gl, flat } = this;
    if (this.ended || !gl || !flat) return;
    const [lng, lat] = flat.view.unproject(flat.view.width / 2, flat.view.height / 2);
    gl.jumpTo({ center: [lng, lat], zoom: flat.view.zoom() });
    this.seen = glView(gl);
    this.flat = null;
    flat.destroy();
    gl.on("move", () => this.overlay.redraw());
    gl.on("click", (event) => this.clicked(event.point.x, event.point.y));
    this.overlay.redraw();
    this.options.onGround?.("gl");
    if (this.wanted) this.goTo(this.wanted.lonlat, this.wanted.zoom);
  }

  private paddingPx(): number {
    return Math.round(Math.min(this.host.clientWidth, this.host.clientHeight) * 0.03);
  }

  private view(): View {
    return {
      project: (lonlat) => this.seen.project(lonlat),
      unproject: (x, y) => this.seen.unproject(x, y),
      zoom: () => this.seen.zoom(),
      metresPerPixel: () => this.seen.metresPerPixel(),
    };
  }

  private clicked(x: number, y: number): void {
    const pick = this.options.placing?.() ? null : (this.overlay.pick(x, y) ?? this.cameraAt(x, y));
    if (pick) this.options.onPick(pick);
    else this.options.onPlace?.(this.seen.unproject(x, y));
  }

  private cameraAt(x: number, y: number): Pick | null {
    if (!this.options.pickCameras) return null;
    let best: { id: string; far: number } | null = null;
    for (const camera of this.town.cameras) {
      const at = this.seen.project(camera.lonlat);
      const far = Math.hypot(at.x - x, at.y - y);
      if (far < CLICK_REACH_PX && (!best || far < best.far)) best = { id: camera.id, far };
    }
    return best ? { kind: "camera", id: best.id } : null;
  }

  private resize(): void {
    this.flat?.resize();
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
