/** What is wrong with a camera, from the worst to the least, and the shape that says so beside its letter. */
import type { FeedState } from "../feed/types.ts";

export type Shape = "cross" | "triangle" | "ring";

/** Worst first: no picture at all, then a picture that shows nothing, then one that shows less. */
export const TROUBLES: readonly FeedState[] = [
  "lost",
  "signal_loss",
  "quarantined",
  "covered",
  "freeze",
  "moved",
  "defocus",
  "dark",
  "bright",
  "stripe",
  "noise",
  "colour_cast",
  "shake",
  "opening",
];
const RANK = new Map<string, number>(TROUBLES.map((state, rank) => [state, rank]));
const CROSSED = new Set<string>(["lost", "signal_loss", "quarantined"]);

/** 0 for the worst; a state that a newer server may name counts as the least; null when all is well. */
export function troubleRank(state: string | undefined): number | null {
  if (state === undefined || state === "online") return null;
  return RANK.get(state) ?? TROUBLES.length;
}

export function shapeOf(state: string): Shape {
  if (state === "opening") return "ring";
  return CROSSED.has(state) ? "cross" : "triangle";
}

/** Whether pictures come from it, good or bad. */
export const delivers = (state: string | undefined) =>
  state !== undefined && state !== "opening" && !CROSSED.has(state);
