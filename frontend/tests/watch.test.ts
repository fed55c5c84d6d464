import { describe, expect, test } from "vitest";
import type { Corner, Watch } from "../src/feed/types.ts";
import {
  arrowTip,
  choicesOf,
  directionTo,
  leastCorners,
  limitOf,
  middleOf,
  moved,
  newZone,
  sameChoices,
  sidesOf,
  ZONE_KINDS,
} from "../src/watch/shapes.ts";
import { en } from "../src/words/en.ts";
import { zh } from "../src/words/zh.ts";

const square: Corner[] = [
  [0.2, 0.2],
  [0.6, 0.2],
  [0.6, 0.6],
  [0.2, 0.6],
];

const watched: Watch = {
  camera_id: "c1",
  zones: [],
  sensitivity: 0.5,
  detectors: null,
  pinned: false,
  busy_hours: [],
  confirm: false,
  retention_days: null,
  edited: false,
};

describe("zones as shapes", () => {
  test("a direction read from an arrow is the direction that it was drawn with", () => {
    for (let degrees = 0; degrees < 360; degrees += 15) {
      const tip = arrowTip(degrees, 50);
      expect(directionTo(tip.x, tip.y)).toBe(degrees);
    }
    expect(directionTo(0, -10)).toBe(0);
    expect(directionTo(10, 0)).toBe(90);
  });

  test("a shape moves as a whole and stops at the edge of the picture", () => {
    expect(moved(square, 0.1, 0.1)[0]).toEqual([0.3, 0.3]);
    const pushed = moved(square, 9, -9);
    expect(pushed).toEqual([
      [0.6, 0],
      [1, 0],
      [1, 0.4],
      [0.6, 0.4],
    ]);
  });

  test("an area has a side between each pair of corners, a line between its ends only", () => {
    expect(sidesOf(square, true).length).toBe(4);
    expect(sidesOf(square.slice(0, 2), false)).toEqual([[0.4, 0.2]]);
    expect(middleOf(square)).toEqual([expect.closeTo(0.4), expect.closeTo(0.4)]);
  });

  test("a new zone gets a name of its own, and a direction where it needs one", () => {
    const first = newZone("crowd", square, "人员聚集", []);
    const second = newZone("crowd", square, "人员聚集", [first]);
    expect([first.name, second.name]).toEqual(["人员聚集1", "人员聚集2"]);
    expect(newZone("wrong_way", square, "逆行", []).direction_deg).toBe(0);
    expect(newZone("line_cross", square.slice(0, 2), "绊线", []).direction_deg).toBeNull();
  });

  test("corners outside of the picture are taken to its edge", () => {
    const zone = newZone(
      "intrusion",
      [
        [-0.2, 0.5],
        [1.4, 0.5],
        [0.5, 1.1],
      ],
      "x",
      [],
    );
    expect(zone.polygon).toEqual([
      [0, 0.5],
      [1, 0.5],
      [0.5, 1],
    ]);
  });

  test("every kind has words, a mark, and knows what its limit counts", () => {
    for (const kind of ZONE_KINDS) {
      for (const words of [zh, en]) {
        expect(words.watch.zoneKind[kind]).toBeTruthy();
        expect(words.watch.zoneMark[kind]).toBeTruthy();
      }
    }
    expect(ZONE_KINDS.map(limitOf)).toEqual([null, null, null, "seconds", "persons", "seconds", "seconds", null]);
    expect(ZONE_KINDS.map(leastCorners)).toEqual([3, 2, 3, 3, 3, 3, 3, 3]);
  });
});

describe("choices", () => {
  test("what is sent is what a person chooses, and nothing else makes a difference", () => {
    expect(Object.keys(choicesOf(watched)).sort()).toEqual(
      ["busy_hours", "confirm", "detectors", "pinned", "retention_days", "sensitivity", "zones"].sort(),
    );
    expect(sameChoices(watched, { ...watched, edited: true })).toBe(true);
    expect(sameChoices(watched, { ...watched, sensitivity: 0.6 })).toBe(false);
  });
});
