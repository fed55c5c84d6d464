/** Stored positions played again: where everybody was at a moment, and the way that led there. Pure. */
import type { LonLat } from "../feed/types.ts";
import type { TracksOfDay } from "./types.ts";

/** Fixes further apart in time say nothing of the way between them. */
export const LONGEST_GAP_S = 120;
export const TRAIL_S = 300;

export interface Track {
  personId: string;
  /** Seconds after the start of the stretch, growing. */
  at: Float64Array;
  lon: Float64Array;
  lat: Float64Array;
}

export interface Spotted {
  personId: string;
  lonlat: LonLat;
  /** Older than two minutes: he is drawn where he was last, and paler. */
  stale: boolean;
}

function summed(steps: readonly number[], per: number): Float64Array {
  const values = new Float64Array(steps.length);
  let sum = 0;
  steps.forEach((step, index) => {
    sum += step;
    values[index] = sum / per;
  });
  return values;
}

export const tracksOf = (answer: TracksOfDay): Track[] =>
  answer.tracks.map((track) => ({
    personId: track.person_id,
    at: summed(track.at_s, 1),
    lon: summed(track.lon, 1e6),
    lat: summed(track.lat, 1e6),
  }));

/** Index of the last fix at or before a second; -1 before the first. */
export function lastAt(at: Float64Array, second: number): number {
  let low = 0;
  let high = at.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((at[middle] ?? 0) <= second) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

const placeOf = (track: Track, index: number): LonLat => [track.lon[index] ?? 0, track.lat[index] ?? 0];

/** Where one was at a second: between two fixes on the straight line, after the last one where that was. */
export function spot(track: Track, second: number): Spotted | null {
  const index = lastAt(track.at, second);
  if (index < 0) return null;
  const [before, next] = [track.at[index] ?? 0, track.at[index + 1]];
  const stale = second - before > LONGEST_GAP_S;
  if (next === undefined || next - before > LONGEST_GAP_S)
    return { personId: track.personId, lonlat: placeOf(track, index), stale };
  const share = (second - before) / Math.max(1e-9, next - before);
  const [[lonA, latA], [lonB, latB]] = [placeOf(track, index), placeOf(track, index + 1)];
  return {
    personId: track.personId,
    lonlat: [lonA + (lonB - lonA) * share, latA + (latB - latA) * share],
    stale: false,
  };
}

/** The way of the last minutes up to a second, in unbroken pieces. */
export function trail(track: Track, second: number, lengthS = TRAIL_S): LonLat[][] {
  const last = lastAt(track.at, second);
  const pieces: LonLat[][] = [];
  let piece: LonLat[] = [];
  for (let index = Math.max(0, lastAt(track.at, second - lengthS)); index <= last; index += 1) {
    const gap = (track.at[index] ?? 0) - (track.at[index - 1] ?? Number.NEGATIVE_INFINITY);
    if (piece.length > 0 && gap > LONGEST_GAP_S) {
      pieces.push(piece);
      piece = [];
    }
    piece.push(placeOf(track, index));
  }
  const here = spot(track, second);
  if (here && !here.stale && piece.length > 0) piece.push(here.lonlat);
  if (piece.length > 1) pieces.push(piece);
  return pieces.filter((one) => one.length > 1);
}
