/** MapLibre, loaded after the page is useful: its code and its shaders are the heaviest thing on every desk. */
import "maplibre-gl/dist/maplibre-gl.css";
import { Map as GlMap, setWorkerUrl } from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url";
import type { Town } from "../feed/types.ts";
import { styleOf } from "./style.ts";
import type { MapTheme } from "./theme.ts";

setWorkerUrl(workerUrl);

/** Throws when the browser has no WebGL. */
export function createGl(
  container: HTMLElement,
  town: Town,
  look: { theme: MapTheme; unit: number; paddingPx: number },
): GlMap {
  const map = new GlMap({
    container,
    style: styleOf(town, look.theme, look.unit),
    bounds: town.bounds,
    fitBoundsOptions: { padding: look.paddingPx },
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    maxCanvasSize: [8192, 4320],
    fadeDuration: 0,
    maxZoom: 18,
    minZoom: 9,
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disable();
  return map;
}
