/** The order in which a round's pictures are shown, and what is left of it. Pure. */
import type { VideoMark, VideoPlan, VideoRound } from "../feed/types.ts";

export const FINDINGS = [
  "fire",
  "fight",
  "crowd",
  "fall",
  "trespass",
  "suspicious",
  "hazard",
  "order",
  "other",
] as const;

/** Cameras in screens of `atOnce`, in the order of the round. */
export function screens(cameras: readonly string[], atOnce: number): string[][] {
  const made: string[][] = [];
  for (let at = 0; at < cameras.length; at += atOnce) made.push(cameras.slice(at, at + atOnce));
  return made;
}

/** The first screen on which a picture is not marked yet, from `from` on and then from the beginning; -1 for none. */
export function nextScreen(all: readonly string[][], marked: ReadonlySet<string>, from = 0): number {
  for (let step = 0; step < all.length; step += 1) {
    const index = (from + step) % all.length;
    if (all[index]?.some((id) => !marked.has(id))) return index;
  }
  return -1;
}

export const marksByCamera = (marks: readonly VideoMark[]) => new Map(marks.map((mark) => [mark.camera_id, mark]));

/** Rounds of now first, then those to come of the day's past, newest first. */
export function ordered(rounds: Iterable<VideoRound>): VideoRound[] {
  const rank = (round: VideoRound) => (round.state === "running" ? 0 : round.state === "open" ? 1 : 2);
  return [...rounds].sort((a, b) => rank(a) - rank(b) || b.due_from.localeCompare(a.due_from));
}

/** What the day's rounds come to: how many are over, how many of them were looked through, pictures and findings. */
export function sums(rounds: Iterable<VideoRound>) {
  const day = { over: 0, done: 0, seen: 0, due: 0, findings: 0, blind: 0 };
  for (const round of rounds) {
    if (round.state === "done" || round.state === "missed") {
      day.over += 1;
      day.done += round.state === "done" ? 1 : 0;
      day.due += round.cameras.length;
    } else day.due += round.seen;
    day.seen += round.seen;
    day.findings += round.findings;
    day.blind += round.blind;
  }
  return day;
}

/** Minutes that one look through a plan takes at its own pace. */
export const minutesOf = (plan: Pick<VideoPlan, "cameras" | "at_once" | "show_s">) =>
  Math.ceil((Math.ceil(plan.cameras.length / plan.at_once) * plan.show_s) / 60);
