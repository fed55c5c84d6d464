import { describe, expect, test } from "vitest";
import type { Line, LonLat } from "../src/feed/types.ts";
import { lineLooks } from "../src/fold/figures.ts";
import { merge } from "../src/fold/fold.ts";
import { joined, lengthM, partOf } from "../src/fold/lines.ts";
import { emptyState } from "../src/fold/state.ts";
import { linesOf } from "../src/wall/scene.ts";
import { makeDuty } from "./make.ts";

const CORNERS: LonLat[] = [
  [119.4, 34.1],
  [119.41, 34.1],
  [119.41, 34.11],
];
const NOON = Date.parse("2026-08-23T04:00:00Z");
const line: Line = {
  id: "l1",
  name: "人民路",
  area: "320724199001",
  line: CORNERS,
  length_m: 2_000,
  both_sides: false,
  need_share: 0.9,
  windows: [],
  person_id: null,
  unit_id: null,
  assigned_only: false,
  active: true,
  version: 1,
};

describe("lines", () => {
  test("a part of a line keeps its corners and its length", () => {
    expect(partOf(CORNERS, 0, 1)).toEqual(CORNERS);
    for (const [from, to] of [
      [0, 0.3],
      [0.2, 0.9],
      [0.7, 1],
    ] as const) {
      const part = partOf(CORNERS, from, to);
      expect(lengthM(part)).toBeCloseTo(lengthM(CORNERS) * (to - from), 3);
      expect(part.length).toBe(from < 0.45 && to > 0.45 ? 3 : 2);
    }
    expect(partOf(CORNERS, 0.4, 0.4)).toEqual([]);
  });

  test("two lines join without saying their common corner twice", () => {
    expect(joined(CORNERS.slice(0, 2), CORNERS.slice(1))).toEqual(CORNERS);
    expect(joined([], CORNERS)).toEqual(CORNERS);
  });

  test("what is proved of a line today is a part of its own, and an inactive line is not shown", () => {
    const iso = (ms: number) => new Date(ms).toISOString();
    const duty = makeDuty({
      point_id: null,
      line_id: "l1",
      window_start: iso(NOON - 60_000),
      window_end: iso(NOON + 60_000),
      share: 0.3,
      done: [[0, 0.3]],
    });
    const state = merge(merge(emptyState, { line }), { duty });
    expect(lineLooks(state, NOON).get("l1")).toEqual({ look: "due", done: [[0, 0.3]], share: 0.3 });
    const [mark] = linesOf(state, NOON, "l1");
    expect(mark?.selected).toBe(true);
    expect(lengthM(mark?.done[0] ?? [])).toBeCloseTo(lengthM(CORNERS) * 0.3, 3);
    expect(linesOf(merge(state, { line: { ...line, active: false, version: 2 } }), NOON, null)).toEqual([]);
  });
});
