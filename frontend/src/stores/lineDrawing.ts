/** A line that is being drawn by clicks on the map: straight from corner to corner, or along the roads in between. */
import { computed, ref, shallowRef } from "vue";
import { api } from "../feed/api.ts";
import type { LonLat } from "../feed/types.ts";
import { joined, lengthM } from "../fold/lines.ts";
import { useCommand } from "./command.ts";

export function useLineDrawing() {
  const active = ref(false);
  const byRoad = ref(true);
  /** The line after each click, so that the last one can be taken back. */
  const steps = shallowRef<LonLat[][]>([]);
  const line = computed<LonLat[]>(() => steps.value.at(-1) ?? []);
  const lengthOf = computed(() => lengthM(line.value));
  const road = useCommand();

  function start(known: LonLat[] = []): void {
    steps.value = known.length > 0 ? [known] : [];
    active.value = true;
  }
  function stop(): void {
    active.value = false;
    steps.value = [];
  }
  function undo(): void {
    steps.value = steps.value.slice(0, -1);
  }
  async function add(lonlat: LonLat): Promise<void> {
    const { value: before } = line;
    const last = before.at(-1);
    if (!last) {
      steps.value = [[lonlat]];
      return;
    }
    if (!byRoad.value) {
      steps.value = [...steps.value, [...before, lonlat]];
      return;
    }
    const way = await road.run(() => api.way(last, lonlat));
    // Meanwhile the drawing may have been given up or taken back.
    if (!way || line.value !== before) return;
    steps.value = [...steps.value, before.length === 1 ? way.line : joined(before, way.line)];
  }
  return { active, byRoad, line, lengthM: lengthOf, error: road.error, start, stop, undo, add };
}

export type LineDrawing = ReturnType<typeof useLineDrawing>;
