import { describe, expect, test } from "vitest";
import type { Person, UnitRow } from "../src/feed/types.ts";
import { isOverdue, lightOf, nextClock, readClock, spanParts } from "../src/fold/clocks.ts";
import { dimensionOf, dimensions, duties, forces, pointLooks, sources, today, trend } from "../src/fold/figures.ts";
import { merge } from "../src/fold/fold.ts";
import { distanceM, foreground, openCases, pendingAlerts, soundingLevel } from "../src/fold/lists.ts";
import { emptyState, type State } from "../src/fold/state.ts";
import { calendar, clockText, dayStart, hourOf, momentText, spanText } from "../src/fold/time.ts";
import { makeAlert, makeCase, makeDuty, NOON } from "./make.ts";

const iso = (ms: number) => new Date(ms).toISOString();
const clock = (startedMs: number, dueMs: number, stoppedMs?: number) => ({
  name: "T-RECV" as const,
  started_at: iso(startedMs),
  due_at: iso(dueMs),
  stopped_at: stoppedMs === undefined ? null : iso(stoppedMs),
});

describe("lights of clocks", () => {
  test("turn yellow at 70 %, orange at 90 %, red only past the end", () => {
    const light = (used: number) => lightOf(0, 1000, used);
    expect([0, 699, 700, 899, 900, 1000, 1001].map(light)).toEqual([
      "green",
      "green",
      "yellow",
      "yellow",
      "orange",
      "orange",
      "red",
    ]);
  });

  test("a stopped clock keeps what was left when it stopped", () => {
    expect(readClock(clock(0, 1000, 400), 99_000)).toEqual({ name: "T-RECV", light: "stopped", leftMs: 600 });
  });

  test("the clock that ends first is shown and an overdue one makes the case overdue", () => {
    const item = makeCase({
      clocks: [clock(NOON, NOON + 9000), clock(NOON, NOON + 4000), clock(NOON, NOON + 1000, NOON)],
    });
    expect(nextClock(item, NOON)?.leftMs).toBe(4000);
    expect(isOverdue(item, NOON + 3999)).toBe(false);
    expect(isOverdue(item, NOON + 4001)).toBe(true);
  });

  test("a span is told in its two largest units", () => {
    expect(spanParts(8_130_000)).toEqual([
      { unit: "h", value: 2 },
      { unit: "m", value: 15 },
    ]);
    expect(spanParts(-97_200_000)).toEqual([
      { unit: "d", value: 1 },
      { unit: "h", value: 3 },
    ]);
    expect(spanParts(400)).toEqual([{ unit: "s", value: 0 }]);
  });
});

describe("times of the hall", () => {
  test("a moment of another year says which, by the hall's own new year", () => {
    const now = Date.parse("2026-12-31T16:30:00Z");
    expect(momentText("2027-03-01T01:05:00Z", now)).toBe("03-01 09:05");
    expect(momentText("2026-12-31T15:59:00Z", now)).toBe("2026-12-31 23:59");
  });

  test("are those of Asia/Shanghai, whatever the machine's zone is", () => {
    expect(clockText("2026-11-22T02:32:08.000Z")).toBe("10:32:08");
    expect(iso(dayStart(Date.parse("2026-11-22T15:59:59.000Z")))).toBe("2026-11-21T16:00:00.000Z");
    expect(iso(dayStart(Date.parse("2026-11-22T16:00:00.000Z")))).toBe("2026-11-22T16:00:00.000Z");
    expect(hourOf(Date.parse("2026-11-22T16:30:00.000Z"))).toBe(0);
    expect(calendar(NOON)).toEqual({ month: 11, day: 22, weekday: 0 });
    expect([spanText(42_000), spanText(760_000), spanText(11_110_000), spanText(-5)]).toEqual([
      "0:42",
      "12:40",
      "3:05:10",
      "0:00",
    ]);
  });
});

describe("figures of the day", () => {
  const cases = [
    makeCase({ id: "c1", clocks: [clock(NOON - 9000, NOON - 1000)] }),
    makeCase({
      id: "c2",
      state: "RESOLVED",
      resolved_at: iso(NOON - 1000),
      category: "05002",
      source: "patrol",
    }),
    makeCase({ id: "c3", opened_at: "2026-11-20T04:00:00.000Z", category: "08005" }),
  ];
  const state = cases.reduce<State>((known, item) => merge(known, { case: item }), emptyState);

  test("count accepted, open, resolved and overdue cases of the hall's day", () => {
    expect(today(state, NOON)).toEqual({ accepted: 2, open: 2, resolved: 1, overdue: 1 });
  });

  test("sort today's cases into six dimensions and into sources", () => {
    expect(dimensions(state, NOON)).toMatchObject({ security: 1, traffic: 1, petition: 0 });
    expect(sources(state, NOON)).toEqual([
      { source: "camera", count: 1 },
      { source: "patrol", count: 1 },
    ]);
    expect(["01012", "01001", "08005", "08002", "06002", "10001", "03001"].map(dimensionOf)).toEqual([
      "petition",
      "dispute",
      "petition",
      "livelihood",
      "enforcement",
      "livelihood",
      "security",
    ]);
  });

  test("put alerts and cases into the hours of the hall", () => {
    const hours = trend(merge(state, { alert: makeAlert({ raised_at: iso(NOON) }) }), NOON);
    expect(hours).toHaveLength(24);
    expect(hours[12]?.alerts).toBe(1);
    expect(hours[11]?.cases).toBe(2);
  });

  test("count people as online only with a fresh position", () => {
    const person = (id: string): Person => ({
      id,
      name: id,
      call_sign: id,
      force: "POL",
      unit_id: "u",
      area: "320724199",
    });
    const units = new Map<string, UnitRow>([
      ["p1", ["p1", 119.3, 34.1, null, null, 3]],
      ["p2", ["p2", 119.3, 34.1, null, null, 301]],
    ]);
    expect(forces([person("p1"), person("p2"), person("p3")], emptyState, units)).toEqual([
      { force: "POL", total: 3, online: 1, busy: 0 },
    ]);
  });

  test("count duties and give each point the look of its newest begun window", () => {
    const point = {
      id: "p1",
      name: "镇中心小学",
      kind: "school",
      area: "320724199001",
      lonlat: [119.3, 34.1] as [number, number],
      radius_m: 50,
      dwell_s: 60,
      windows: [],
      person_id: null,
      assigned_only: false,
      active: true,
      version: 1,
    };
    let hall = merge(emptyState, { point });
    expect(pointLooks(hall, NOON).get("p1")).toBe("none");
    hall = merge(hall, {
      duty: makeDuty({ id: "d1", state: "missed", window_start: iso(NOON - 7_200_000) }),
    });
    hall = merge(hall, { duty: makeDuty({ id: "d2", state: "open", window_start: iso(NOON + 7_200_000) }) });
    expect(pointLooks(hall, NOON).get("p1")).toBe("missed");
    hall = merge(hall, { duty: makeDuty({ id: "d3", state: "visited", window_start: iso(NOON - 60_000) }) });
    expect(pointLooks(hall, NOON).get("p1")).toBe("visited");
    expect(duties(hall, NOON)).toEqual({ total: 3, visited: 1, missed: 1, excused: 0, open: 1 });
  });
});

describe("lists", () => {
  test("put the gravest alert first, then the oldest, and leave out what is decided", () => {
    const alerts = [
      makeAlert({ id: "a1", level: 3 }),
      makeAlert({ id: "a2", level: 1, raised_at: iso(NOON) }),
      makeAlert({ id: "a3", level: 1, raised_at: iso(NOON - 9000) }),
      makeAlert({ id: "a4", level: 1, state: "dismissed" }),
    ];
    const state = alerts.reduce<State>((known, alert) => merge(known, { alert }), emptyState);
    expect(pendingAlerts(state).map((alert) => alert.id)).toEqual(["a3", "a2", "a1"]);
    expect(foreground(state, NOON).alert?.id).toBe("a3");
  });

  test("sound goes on for the gravest alert that nobody has taken and stops when all are taken", () => {
    const raised = merge(emptyState, { alert: makeAlert({ level: 2 }) });
    expect(soundingLevel(raised)).toBe(2);
    expect(soundingLevel(merge(raised, { alert: makeAlert({ level: 2, state: "taken", version: 2 }) }))).toBeNull();
  });

  test("open cases are ordered by the clock that ends first", () => {
    const slow = makeCase({ id: "slow", clocks: [clock(NOON, NOON + 9000)] });
    const fast = makeCase({ id: "fast", clocks: [clock(NOON, NOON + 1000)] });
    const state = merge(merge(emptyState, { case: slow }), { case: fast });
    expect(openCases(state, NOON).map((item) => item.id)).toEqual(["fast", "slow"]);
  });

  test("distances agree with the length of a degree", () => {
    expect(distanceM([119, 34], [119, 35])).toBeCloseTo(111_195, 0);
    expect(distanceM([119, 60], [120, 60])).toBeCloseTo(111_195 / 2, 0);
  });
});
