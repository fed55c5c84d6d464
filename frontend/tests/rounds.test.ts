import { describe, expect, test } from "vitest";
import type { DayRound, DayStop } from "../src/day/types.ts";
import type { Duty, LonLat, UnitRow } from "../src/feed/types.ts";
import { splitAt } from "../src/fold/lines.ts";
import { roundOf, roundsNow, waysOf } from "../src/fold/rounds.ts";
import { makeDuty, NOON } from "./make.ts";

const at = (minutes: number) => new Date(NOON + minutes * 60_000).toISOString();
const stopAt = (number: number, minutes: number, duty: string | null = `d${number}`): DayStop => ({
  need_id: `p${number}`,
  kind: duty ? "point" : "rest",
  name: `点${number}`,
  lonlat: [119.3 + number / 100, 34.1],
  at: at(minutes),
  leave_at: at(minutes + 10),
  duty_id: duty,
});
const wayTo = (number: number): LonLat[] => [
  [119.3 + (number - 1) / 100, 34.1],
  [119.3 + number / 100, 34.1],
];
const makeRound = (stops: DayStop[], over: Partial<DayRound> = {}): DayRound => ({
  plan_id: "plan",
  team_id: "t1",
  team: "巡组01",
  force: "AUX",
  travel: "foot",
  persons: ["w1", "w2"],
  whole: true,
  depart_at: at(-60),
  back_at: at(120),
  stops,
  ways: [...stops.map((_, index) => [wayTo(index + 1)]), [wayTo(stops.length + 1)]],
  ...over,
});
const duties = (...all: Partial<Duty>[]) => new Map(all.map((one) => [one.id ?? "", makeDuty(one)]));
const visited = (id: string, by = "w1", minutes = -5) => ({
  id,
  state: "visited" as const,
  visited_by: by,
  visited_at: at(minutes),
});
const open = (id: string) => ({ id, state: "open" as const, window_start: at(-60) });
const now = (round: DayRound, of: ReadonlyMap<string, Duty>) => {
  const [one] = roundsNow([round], of, NOON);
  if (!one) throw new Error("no round");
  return one;
};
const unit = (id: string, lonlat: LonLat, ageS = 1): [string, UnitRow] => [id, [id, ...lonlat, null, 0, ageS]];

describe("rounds of the day", () => {
  test("ways up to the last stop that one of the team is credited with are gone, the others are not", () => {
    const round = makeRound([stopAt(1, -50), stopAt(2, -30), stopAt(3, 5), stopAt(4, 30)]);
    const one = now(round, duties(visited("d1"), { id: "d2", state: "missed" }, visited("d3", "stranger"), open("d4")));
    expect(one.looks).toEqual(["visited", "missed", "visited", "due"]);
    expect(one.gone).toBe(1);
    expect(waysOf(one, new Map()).done).toEqual([wayTo(1)]);
    const further = now(round, duties(visited("d1"), { id: "d2", state: "missed" }, visited("d3"), open("d4")));
    expect(further.gone).toBe(3);
    expect(waysOf(further, new Map()).left).toEqual([wayTo(4), wayTo(5)]);
  });

  test("a team that begins elsewhere has not gone past the stops that are still to come", () => {
    const round = makeRound([stopAt(1, 5), stopAt(2, 20), stopAt(3, 40)]);
    const one = now(round, duties(open("d1"), visited("d2"), open("d3")));
    expect([one.gone, one.next]).toEqual([0, 0]);
    const back = now(round, duties(visited("d1"), visited("d2"), open("d3")));
    expect([back.gone, back.next]).toEqual([2, 2]);
  });

  test("a stop is next until its duty is settled, and late once its time is over", () => {
    const round = makeRound([stopAt(1, -50), stopAt(2, -30), stopAt(3, 5)]);
    const late = now(round, duties(visited("d1"), open("d2"), open("d3")));
    expect([late.next, late.lateMs]).toEqual([1, 20 * 60_000]);
    const missed = now(round, duties(visited("d1"), { id: "d2", state: "missed" }, open("d3")));
    expect([missed.next, missed.lateMs]).toEqual([2, 0]);
    expect(now(round, duties(visited("d1"), visited("d2"), visited("d3"))).next).toBeNull();
  });

  test("a second stop for the same duty proves no way, and a rest is over with its time", () => {
    const twice = makeRound([stopAt(1, -50), stopAt(2, -40, null), stopAt(3, 20, "d1")]);
    const one = now(twice, duties(visited("d1")));
    expect([one.gone, one.next]).toEqual([1, 2]);
  });

  test("on the way that somebody of the team is on, what lies behind him is gone", () => {
    const round = makeRound([stopAt(1, -50), stopAt(2, 5)]);
    const one = now(round, duties(visited("d1"), open("d2")));
    const half: LonLat = [119.315, 34.1001];
    const { done, left } = waysOf(one, new Map([unit("w2", half)]));
    expect(done.at(-1)?.at(-1)?.[0]).toBeCloseTo(119.315, 6);
    expect(left[0]?.[0]?.[0]).toBeCloseTo(119.315, 6);
    for (const none of [unit("w2", half, 600), unit("w2", [119.315, 34.11]), unit("stranger", half)])
      expect(waysOf(one, new Map([none])).done).toEqual([wayTo(1)]);
    // Past a stop that was left out nobody knows which way they went.
    const skipped = now(round, duties(visited("d1"), { id: "d2", state: "missed" }));
    expect(waysOf(skipped, new Map([unit("w2", half)])).done).toEqual([wayTo(1)]);
  });

  test("those who are out come first, and a person is found on his round until it is over", () => {
    const stops = [stopAt(1, 5)];
    const found = roundsNow(
      [
        makeRound(stops, { team: "甲", team_id: "a", back_at: at(-1), persons: ["w1"] }),
        makeRound(stops, { team: "乙", team_id: "b", depart_at: at(10), persons: ["w2"] }),
        makeRound(stops, { team: "丙", team_id: "c", persons: ["w3"] }),
      ],
      new Map(),
      NOON,
    );
    expect(found.map((one) => one.phase)).toEqual(["under_way", "ahead", "over"]);
    expect(roundOf(found, "w1")).toBeUndefined();
    expect(roundOf(found, "w2")?.round.team_id).toBe("b");
  });

  test("a line is cut at its nearest place, and both parts together are the line", () => {
    const line: LonLat[] = [
      [119.3, 34.1],
      [119.31, 34.1],
      [119.31, 34.11],
    ];
    const cut = splitAt(line, [119.3101, 34.105]);
    expect(cut?.before).toHaveLength(3);
    expect(cut?.after).toHaveLength(2);
    expect(cut?.before.at(-1)).toEqual(cut?.after[0]);
    expect(cut?.awayM).toBeLessThan(15);
    expect(splitAt([], [119, 34])).toBeNull();
  });
});
