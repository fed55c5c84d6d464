/** Lines on the ground: their length, and the parts of one between two shares of it. Pure. */
import type { LonLat } from "../feed/types.ts";
import { distanceM } from "./lists.ts";

/** Metres along a line. */
export function lengthM(line: readonly LonLat[]): number {
  return line.slice(1).reduce((sum, corner, index) => sum + distanceM(line[index] ?? corner, corner), 0);
}

/** The part of a line between two shares of its length, with the corners in between. */
export function partOf(line: readonly LonLat[], from: number, to: number): LonLat[] {
  const total = lengthM(line);
  const part: LonLat[] = [];
  let walked = 0;
  for (const [index, corner] of line.slice(1).entries()) {
    const before = line[index] ?? corner;
    const step = distanceM(before, corner);
    const at = (metres: number): LonLat => {
      const share = step === 0 ? 0 : (metres - walked) / step;
      return [before[0] + (corner[0] - before[0]) * share, before[1] + (corner[1] - before[1]) * share];
    };
    const start = Math.max(from * total, walked);
    const end = Math.min(to * total, walked + step);
    if (start < end) part.push(...(part.length === 0 ? [at(start)] : []), at(end));
    walked += step;
  }
  return part;
}

/** Two lines as one, without the corner that both have. */
export function joined(line: readonly LonLat[], more: readonly LonLat[]): LonLat[] {
  const last = line.at(-1);
  const first = more[0];
  const same = last !== undefined && first !== undefined && distanceM(last, first) < 0.5;
  return [...line, ...more.slice(same ? 1 : 0)];
}

/** A line cut in two at its place nearest to another, with the metres between both; null where there is no line. */
export function splitAt(
  line: readonly LonLat[],
  place: LonLat,
): { before: LonLat[]; after: LonLat[]; awayM: number } | null {
  let best: { step: number; at: LonLat; awayM: number } | null = null;
  // Degrees of longitude are shorter than those of latitude.
  const squeeze = Math.cos((place[1] * Math.PI) / 180);
  for (const [step, to] of line.slice(1).entries()) {
    const from = line[step] ?? to;
    const [x, y] = [(to[0] - from[0]) * squeeze, to[1] - from[1]];
    const whole = x * x + y * y;
    const along = whole === 0 ? 0 : ((place[0] - from[0]) * squeeze * x + (place[1] - from[1]) * y) / whole;
    const share = Math.min(1, Math.max(0, along));
    const at: LonLat = [from[0] + (to[0] - from[0]) * share, from[1] + (to[1] - from[1]) * share];
    const awayM = distanceM(place, at);
    if (!best || awayM < best.awayM) best = { step, at, awayM };
  }
  if (!best) return null;
  const { step, at, awayM } = best;
  return { before: [...line.slice(0, step + 1), at], after: [at, ...line.slice(step + 1)], awayM };
}
