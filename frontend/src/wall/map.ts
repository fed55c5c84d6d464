/** The one owner of the map: MapLibre draws what stands still, the overlay what changes. */
import "maplibre-gl/dist/maplibre-gl.css";
import { Map as GlMap, type MapMouseEvent, setWorkerUrl } from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url";
import type { LonLat, Town } from "../feed/types.ts";
import { distanceM } from "../fold/lists.ts";
import { drawFirstSight } from "./firstSight.ts";
import { Overlay } from "./overlay.ts";
import type { Pick, Scene } from "./scene.ts";
import { styleOf } from "./style.ts";
import type { MapTheme } from "./theme.ts";

setWorkerUrl(workerUrl);

export interface MapOptions {
  theme: MapTheme;
  /** Size of one design pixel on this screen. */
  unit: number;
  onPick(pick: Pick): void;
  /** A click on nothing, in lon/lat degrees. */
  onPlace?(lonlat: LonLat): void;
}

export class TownMap {
  private readonly gl: GlMap;
  private readonly overlay: Overlay;
  private readonly watcher: ResizeObserver;
  private readonly town: Town;

  /** Throws when the browser has no WebGL. */
  constructor(host: HTMLElement, town: Town, options: MapOptions) {
    this.town = town;
    this.gl = new GlMap({
      container: host,
      style: styleOf(town, options.theme, options.unit),
      bounds: town.bounds,
      fitBoundsOptions: { padding: this.padding(host) },
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      maxCanvasSize: [8192, 4320],
      fadeDuration: 0,
      maxZoom: 18,
      minZoom: 9,
    });
    this.gl.touchZoomRotate.disableRotation();
    this.gl.keyboard.disable();
    this.overlay = new Overlay(host, this.view(), options.theme, options.unit);
    this.gl.on("move", () => this.overlay.redraw());
    this.gl.on("click", (event) => this.clicked(event, options));
    this.watcher = new ResizeObserver(() => this.resize());
    this.watcher.observe(host);
    this.nameVillages();
    const { theme, unit } = options;
    this.overlay.until((brush) => drawFirstSight(brush, town, theme, unit, (lonlat) => this.gl.project(lonlat)));
    this.gl.once("idle", () => this.overlay.until(null));
  }

  show(scene: Scene): void {
    this.overlay.show(scene);
  }

  /** Bring a place into view, gently, and only as near as needed. */
  goTo(lonlat: LonLat, zoom = 14): void {
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.gl.easeTo({ center: lonlat, zoom: Math.max(this.gl.getZoom(), zoom), duration: calm ? 0 : 700 });
  }

  home(): void {
    this.gl.fitBounds(this.town.bounds, { padding: this.padding(this.gl.getContainer()), duration: 400 });
  }

  destroy(): void {
    this.watcher.disconnect();
    this.overlay.destroy();
    this.gl.remove();
  }

  private padding(host: HTMLElement): number {
    return Math.round(Math.min(host.clientWidth, host.clientHeight) * 0.03);
  }

  private view() {
    return {
      project: (lonlat: LonLat) => this.gl.project(lonlat),
      zoom: () => this.gl.getZoom(),
      metresPerPixel: () => {
        const a = this.gl.unproject([0, 0]);
        const b = this.gl.unproject([100, 0]);
        return distanceM([a.lng, a.lat], [b.lng, b.lat]) / 100;
      },
    };
  }

  private clicked(event: MapMouseEvent, options: MapOptions): void {
    const pick = this.overlay.pick(event.point.x, event.point.y) ?? this.cameraAt(event);
    if (pick) options.onPick(pick);
    else options.onPlace?.([event.lngLat.lng, event.lngLat.lat]);
  }

  private cameraAt(event: MapMouseEvent): Pick | null {
    const { x, y } = event.point;
    const near = this.town.cameras
      .map((camera) => {
        const at = this.gl.project(camera.lonlat);
        return { camera, far: Math.hypot(at.x - x, at.y - y) };
      })
      .sort((a, b) => a.far - b.far)[0];
    return near && near.far < 12 ? { kind: "camera", id: near.camera.id } : null;
  }

  private resize(): void {
    this.gl.resize();
    this.overlay.resize();
  }

  /** Names are drawn again once the font with their characters has arrived. */
  private nameVillages(): void {
    const villages = this.town.villages.features.flatMap((feature) => {
      const { name, center } = (feature.properties ?? {}) as { name?: string; center?: unknown };
      const lonlat = (typeof center === "string" ? JSON.parse(center) : center) as LonLat | undefined;
      return name && lonlat ? [{ name, lonlat }] : [];
    });
    this.overlay.name(villages);
    const text = villages.map((village) => village.name).join("");
    void document.fonts.load('16px "Noto Sans SC Variable"', text).then(() => this.overlay.redraw());
  }
}
