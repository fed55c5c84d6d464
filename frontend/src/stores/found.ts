/** A place that was searched for on a map: where the map goes, and the circle of how far off it may be. */
import { shallowRef } from "vue";
import type { FoundAddress } from "../feed/types.ts";
import type { Scene } from "../wall/scene.ts";

export function useFound() {
  const found = shallowRef<FoundAddress | null>(null);
  const dress = (scene: Scene): Scene =>
    found.value && !scene.draft
      ? { ...scene, draft: { lonlat: found.value.lonlat, radius_m: found.value.radius_m } }
      : scene;
  return { found, dress };
}
