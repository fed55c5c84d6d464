/** Closed roads: which hold now, what to call their end, and whether a way runs through one. Pure. */
import type { Closure, LonLat } from "../feed/types.ts";
import { distanceM } from "./lists.ts";
import type { State } from "./state.ts";
import { calendar, clockText, dayStart } from "./time.ts";

/** A way that runs within this distance of the middle of a closed piece of road runs along it. */
const ON_IT_M = 8;

/** Those in force, the newest first; one whose time is over holds no longer, told or not. */
export function closuresNow(state: State, nowMs: number): Closure[] {
  return [...state.closures.values()]
    .filter((one) => one.state === "in_force" && (one.ends_at === null || Date.parse(one.ends_at) > nowMs))
    .sort((a, b) => b.begins_at.localeCompare(a.begins_at));
}

/** Changes when the roads do: the ids of what is closed now. */
export const closedNow = (state: State, nowMs: number) =>
  closuresNow(state, nowMs)
    .map((one) => one.id)
    .sort()
    .join();

/** `18:00` today, `11-29 08:00` on another day; empty where it ends only when lifted. */
export function endText(endsAt: string | null, nowMs: number): string {
  if (endsAt === null) return "";
  const at = Date.parse(endsAt);
  const hour = clockText(at).slice(0, 5);
  if (dayStart(at) === dayStart(nowMs)) return hour;
  const { month, day } = calendar(at);
  return `${month}-${String(day).padStart(2, "0")} ${hour}`;
}

/** Where a closure is named on the map: half way along the longest of what was drawn. */
export function middleOf(corners: readonly LonLat[], area: boolean): LonLat {
  const first = corners[0] ?? [0, 0];
  if (area) {
    const sum = corners.reduce<[number, number]>((total, one) => [total[0] + one[0], total[1] + one[1]], [0, 0]);
    return [sum[0] / Math.max(1, corners.length), sum[1] / Math.max(1, corners.length)];
  }
  const steps = corners.slice(1).map((to, index) => ({ from: corners[index] ?? to, to }));
  const whole = steps.reduce((sum, { from, to }) => sum + distanceM(from, to), 0);
  let left = whole / 2;
  for (const { from, to } of steps) {
    const metres = distanceM(from, to);
    if (metres >= left && metres > 0) {
      const share = left / metres;
      return [from[0] + (to[0] - from[0]) * share, from[1] + (to[1] - from[1]) * share];
    }
    left -= metres;
  }
  return [first[0], first[1]];
}

/** Metres from a place to the nearest point of a step of a way. */
function apartM(place: LonLat, from: LonLat, to: LonLat): number {
  const [x, y] = [to[0] - from[0], to[1] - from[1]];
  const whole = x * x + y * y;
  const along = whole === 0 ? 0 : ((place[0] - from[0]) * x + (place[1] - from[1]) * y) / whole;
  const share = Math.min(1, Math.max(0, along));
  return distanceM(place, [from[0] + x * share, from[1] + y * share]);
}

/** Whether a way runs through a closed piece of road. Beside its ends is not through it: a crossing is no offence. */
export function runsThrough(way: readonly LonLat[], lines: readonly (readonly LonLat[])[]): boolean {
  return lines.some((line) =>
    line.slice(1).some((to, index) => {
      const from = line[index] ?? to;
      const middle: LonLat = [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2];
      return way.slice(1).some((end, step) => apartM(middle, way[step] ?? end, end) <= ON_IT_M);
    }),
  );
}
