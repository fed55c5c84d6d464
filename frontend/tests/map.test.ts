import { describe, expect, test } from "vitest";
import type { UnitRow } from "../src/feed/types.ts";
import { merge } from "../src/fold/fold.ts";
import { distanceM } from "../src/fold/lists.ts";
import { emptyState } from "../src/fold/state.ts";
import { storyOf, storyOfHall } from "../src/fold/story.ts";
import { around, Places } from "../src/wall/labels.ts";
import { Movers } from "../src/wall/movers.ts";
import { marksOf, routesOf, unitsOf } from "../src/wall/scene.ts";
import { FlatView } from "../src/wall/view.ts";
import { makeAlert, makeCase } from "./make.ts";

const words = {
  alertTitle: () => "",
  alertNote: () => "",
  caseNote: () => "",
  closureTitle: () => "",
  closureNote: () => "",
};

describe("people on the map", () => {
  test("glide from where they are drawn to where they were last seen, and stay there", () => {
    const movers = new Movers();
    movers.aim([{ id: "p", lonlat: [119, 34] }], 0);
    movers.aim([{ id: "p", lonlat: [119.001, 34] }], 2000);
    expect(movers.at("p", 2550)?.[0]).toBeCloseTo(119.0005, 6);
    expect(movers.at("p", 9999)).toEqual([119.001, 34]);
  });

  test("a turn in the middle of the way starts where the person is drawn", () => {
    const movers = new Movers();
    movers.aim([{ id: "p", lonlat: [119, 34] }], 0);
    movers.aim([{ id: "p", lonlat: [119.002, 34] }], 2000);
    const before = movers.at("p", 2550);
    movers.aim([{ id: "p", lonlat: [119.002, 34.002] }], 2550);
    expect(movers.at("p", 2550)).toEqual(before);
  });

  test("a jump across the town is shown at once and who is gone is forgotten", () => {
    const movers = new Movers();
    movers.aim([{ id: "p", lonlat: [119, 34] }], 0);
    movers.aim([{ id: "p", lonlat: [119.5, 34] }], 1000);
    expect(movers.at("p", 1000)).toEqual([119.5, 34]);
    movers.aim([], 2000);
    expect(movers.at("p", 2000)).toBeNull();
  });

  test("old positions look stale and those off duty are not drawn", () => {
    const unit = (id: string, ageS: number): [string, UnitRow] => [id, [id, 119, 34, null, null, ageS]];
    const responder = {
      id: "off",
      name: "",
      call_sign: "网1",
      force: "GRD" as const,
      unit_id: "",
      area: "",
      status: "off_duty" as const,
      order_id: null,
      version: 1,
    };
    const state = { ...emptyState, responders: new Map([["off", responder]]) };
    const marks = unitsOf(state, new Map([unit("new", 3), unit("old", 400), unit("off", 3)]), new Map(), 300);
    expect(marks.map((mark) => [mark.id, mark.look])).toEqual([
      ["new", "calm"],
      ["old", "stale"],
    ]);
  });
});

describe("labels and signs", () => {
  test("a label takes the first free place and none covers another", () => {
    const places = new Places(400, 400);
    const first = places.first(around(200, 200, 60, 20, 10));
    const second = places.first(around(200, 200, 60, 20, 10));
    expect(first).toEqual({ x: 210, y: 190, w: 60, h: 20 });
    expect(second?.x).toBe(130);
  });

  test("a label that finds no room is left out unless it must be seen", () => {
    const places = new Places(100, 100);
    places.take({ x: 0, y: 0, w: 100, h: 100 });
    expect(places.first(around(50, 50, 20, 10, 5))).toBeNull();
    expect(places.first(around(50, 50, 20, 10, 5), true)).not.toBeNull();
  });

  test("the gravest alert is drawn last, on top; closed matters are not drawn", () => {
    let state = merge(emptyState, { alert: makeAlert({ id: "a1", level: 1 }) });
    state = merge(state, { alert: makeAlert({ id: "a3", level: 3 }) });
    state = merge(state, {
      alert: makeAlert({ id: "gone", state: "dismissed" }),
      case: makeCase({ state: "ARCHIVED" }),
    });
    expect(marksOf(state, words, null).map((mark) => mark.pick.id)).toEqual(["a3", "a1"]);
    expect(routesOf(state, new Map())).toEqual([]);
  });
});

describe("the story of a matter", () => {
  test("is read back from its entities in the order of time", () => {
    const alert = makeAlert({
      state: "confirmed",
      taken_at: "2026-11-22T03:59:10.000Z",
      closed_at: "2026-11-22T03:59:29.000Z",
    });
    const kinds = storyOf(alert, makeCase(), []).map((line) => line.kind);
    expect(kinds).toEqual(["prewarning.raised", "prewarning.taken", "prewarning.confirmed", "response.opened"]);
  });

  test("of the whole hall begins with the newest", () => {
    const state = merge(emptyState, { alert: makeAlert(), case: makeCase() });
    expect(storyOfHall(state, 5).map((line) => line.kind)).toEqual(["response.opened", "prewarning.raised"]);
  });
});

describe("the flat view", () => {
  const fitted = () => {
    const view = new FlatView();
    view.resize(1000, 600);
    view.fit([119.3, 34.0, 119.5, 34.2], 20);
    return view;
  };
  const view = fitted();

  test("zooming keeps what lies under the pointer, dragging moves it along", () => {
    const moved = fitted();
    const place = moved.unproject(720, 150);
    moved.zoomAt(720, 150, 3);
    expect(moved.project(place).x).toBeCloseTo(720, 6);
    moved.panBy(-30, 12);
    expect(moved.project(place).x).toBeCloseTo(690, 6);
    expect(moved.project(place).y).toBeCloseTo(162, 6);
  });

  test("shows all of the town within its padding, the middle in the middle", () => {
    const { x, y } = view.project([119.4, 34.1]);
    expect(x).toBeCloseTo(500, 6);
    expect(Math.abs(y - 300)).toBeLessThan(1);
    expect(view.project([119.4, 34.2]).y).toBeCloseTo(20, 6);
    expect(view.project([119.4, 34.0]).y).toBeCloseTo(580, 6);
  });

  test("finds the place of a click again", () => {
    const { x, y } = view.project([119.37, 34.16]);
    const [lon, lat] = view.unproject(x, y);
    expect(lon).toBeCloseTo(119.37, 9);
    expect(lat).toBeCloseTo(34.16, 9);
  });

  test("has one scale in both directions and knows its metres", () => {
    const [west, east] = [view.project([119.3, 34.1]), view.project([119.5, 34.1])];
    const metres = (east.x - west.x) * view.metresPerPixel();
    expect(Math.abs(metres / distanceM([119.3, 34.1], [119.5, 34.1]) - 1)).toBeLessThan(0.003);
    expect(2 ** view.zoom() * 512 * (0.2 / 360)).toBeCloseTo(east.x - west.x, 6);
  });
});
