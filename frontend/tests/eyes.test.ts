import { describe, expect, it } from "vitest";
import type { VideoRound } from "../src/feed/types.ts";
import { minutesOf, nextScreen, ordered, screens, sums } from "../src/videopatrol/round.ts";

const round = (change: Partial<VideoRound>): VideoRound => ({
  id: "r",
  plan_id: "p",
  area: "320724199",
  due_from: "2026-11-28T00:00:00.000Z",
  due_until: "2026-11-28T01:00:00.000Z",
  cameras: ["a", "b", "c"],
  state: "open",
  watcher: null,
  begun_at: null,
  ended_at: null,
  seen: 0,
  findings: 0,
  blind: 0,
  version: 1,
  ...change,
});

describe("a round of video patrol", () => {
  it("is cut into screens and goes on with the first that is not marked, also before the present one", () => {
    const all = screens(["a", "b", "c", "d", "e"], 2);
    expect(all).toEqual([["a", "b"], ["c", "d"], ["e"]]);
    expect(nextScreen(all, new Set(["a", "b", "c"]))).toBe(1);
    expect(nextScreen(all, new Set(["c", "d", "e"]), 1)).toBe(0);
    expect(nextScreen(all, new Set(["a", "b", "c", "d", "e"]))).toBe(-1);
  });

  it("stands before those that are over", () => {
    const done = round({ id: "done", state: "done", due_from: "2026-11-28T02:00:00.000Z" });
    const open = round({ id: "open" });
    const running = round({ id: "running", state: "running" });
    expect(ordered([done, open, running]).map((one) => one.id)).toEqual(["running", "open", "done"]);
  });

  it("counts what was looked at, also of rounds that were not finished", () => {
    const day = sums([round({ state: "done", seen: 3, findings: 1 }), round({ state: "missed", seen: 1 }), round({})]);
    expect(day).toEqual({ over: 2, done: 1, seen: 4, due: 6, findings: 1, blind: 0 });
  });

  it("says how long a look through the plan takes", () => {
    expect(minutesOf({ cameras: Array(32).fill("x"), at_once: 4, show_s: 10 })).toBe(2);
  });
});
