import { describe, expect, test } from "vitest";
import type { Closure, LonLat } from "../src/feed/types.ts";
import { closuresNow, endText, middleOf, runsThrough } from "../src/fold/closures.ts";
import { fold } from "../src/fold/fold.ts";
import { emptyState } from "../src/fold/state.ts";
import { makeFact, NOON } from "./make.ts";

function makeClosure(change: Partial<Closure>): Closure {
  return {
    id: "k1",
    name: "河西桥",
    reason: "flood",
    note: "",
    shape: "line",
    corners: [
      [119.4, 34.12],
      [119.4, 34.121],
    ],
    profiles: ["car", "bicycle", "foot"],
    area: "320724199",
    streets: [],
    lines: [],
    closed_m: 2,
    begins_at: new Date(NOON).toISOString(),
    ends_at: null,
    state: "in_force",
    closed_by: { id: "u", name: "王" },
    ended_at: null,
    lifted_by: null,
    version: 1,
    ...change,
  };
}

describe("closed roads", () => {
  test("one whose time is over holds no longer, before anybody has told its end", () => {
    const ends = makeClosure({ id: "a", ends_at: new Date(NOON + 60_000).toISOString() });
    const facts = [ends, makeClosure({ id: "b" })].map((closure, index) =>
      makeFact(index + 1, "registry.road_closed", { closure }, closure.id),
    );
    const state = facts.reduce(fold, emptyState);
    expect(closuresNow(state, NOON).map((one) => one.id)).toEqual(["a", "b"]);
    expect(closuresNow(state, NOON + 60_000).map((one) => one.id)).toEqual(["b"]);
    const lifted = makeFact(
      3,
      "registry.closure_lifted",
      { closure: makeClosure({ id: "b", state: "lifted", version: 2 }) },
      "b",
    );
    expect(closuresNow(fold(state, lifted), NOON).map((one) => one.id)).toEqual(["a"]);
  });

  test("an end is a clock reading of the hall, with its day where it is another", () => {
    expect(endText("2026-11-28T10:00:00Z", Date.parse("2026-11-28T04:00:00Z"))).toBe("18:00");
    expect(endText("2026-11-28T17:00:00Z", Date.parse("2026-11-28T04:00:00Z"))).toBe("11-29 01:00");
    expect(endText(null, 0)).toBe("");
  });

  test("a way runs through what is closed on it, not through a side street or its own crossing", () => {
    const way: LonLat[] = [
      [119.4, 34.12],
      [119.41, 34.12],
    ];
    const barrier: LonLat[] = [
      [119.40499, 34.12],
      [119.40501, 34.12],
    ];
    const side: LonLat[] = [
      [119.405, 34.12],
      [119.405, 34.125],
    ];
    expect(runsThrough(way, [barrier])).toBe(true);
    expect(runsThrough(way, [side])).toBe(false);
    expect(runsThrough(way, [])).toBe(false);
  });

  test("a closure is named half way along what was drawn", () => {
    const corners: LonLat[] = [
      [119.4, 34.12],
      [119.41, 34.12],
      [119.43, 34.12],
    ];
    expect(middleOf(corners, false)[0]).toBeCloseTo(119.415, 6);
    expect(middleOf(corners, true)[0]).toBeCloseTo(119.41333, 4);
  });
});
