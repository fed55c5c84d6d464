import { describe, expect, test } from "vitest";
import {
  decidersOf,
  type Ground,
  placeOf,
  seatsOf,
  setDeciders,
  setPlain,
  setSeats,
  setTerms,
  setWord,
  termsOf,
  wordOf,
} from "../src/ways/table.ts";
import type { Table } from "../src/ways/types.ts";

const ground: Ground = {
  machine: {
    states: { SUBMITTED: "待受理", TRIAGE: "待分流" },
    ends: [],
    sides: [],
    actions: { accept: "受理", suspend: "挂起" },
    seats: { intake: "受理席", head: "值班长", leader: "分管领导" },
    clocks: { "T-ACCEPT": { name: "受理时限", term: { P0: "1m", "*": "30m" } } },
    ladder: {},
    chosen_seats: ["intake", "head", "leader"],
    deciding_seats: ["head", "leader"],
    by_hand: { accept: ["intake"], suspend: ["head"] },
    decided: { suspend: ["head", "leader"] },
  },
  base: { labels: { accept: "接待" }, timers: { "T-ACCEPT": { term: { "*": "15d" }, rolls: true } }, max_returns: 2 },
};
const bare: Table = { id: "mine", extends: "bz" };

describe("a description over what it extends", () => {
  test("says only what differs, and nothing any more once it is put back", () => {
    const steps: [(table: Table) => Table, (table: Table) => Table][] = [
      [(t) => setWord(t, ground, "accept", "接下"), (t) => setWord(t, ground, "accept", "接待")],
      [(t) => setWord(t, ground, "TRIAGE", "分一分"), (t) => setWord(t, ground, "TRIAGE", "")],
      [(t) => setSeats(t, ground, "accept", ["leader", "intake"]), (t) => setSeats(t, ground, "accept", ["intake"])],
      [(t) => setDeciders(t, ground, "suspend", []), (t) => setDeciders(t, ground, "suspend", ["leader", "head"])],
      [(t) => setTerms(t, ground, "T-ACCEPT", { "*": "3d" }), (t) => setTerms(t, ground, "T-ACCEPT", { "*": "15d" })],
      [(t) => setTerms(t, ground, "T-ACCEPT", null), (t) => setTerms(t, ground, "T-ACCEPT", { "*": "15d" })],
      [(t) => setPlain(t, ground, "max_returns", 3), (t) => setPlain(t, ground, "max_returns", 2)],
    ];
    for (const [change, back] of steps) {
      expect(change(bare)).not.toEqual(bare);
      expect(back(change(bare))).toEqual(bare);
    }
    const all = steps.reduce((table, [change]) => change(table), bare);
    expect(steps.reduce((table, [, back]) => back(table), all)).toEqual(bare);
  });

  test("what holds is its own word, or that of the base, or that of the machine", () => {
    expect([wordOf(bare, ground, "accept"), wordOf(bare, ground, "TRIAGE")]).toEqual(["接待", "待分流"]);
    const changed = setTerms(setSeats(bare, ground, "accept", []), ground, "T-ACCEPT", { "*": "3d" });
    expect([seatsOf(changed, ground, "accept"), decidersOf(changed, ground, "suspend")]).toEqual([
      [],
      ["head", "leader"],
    ]);
    expect(termsOf(changed, ground, "T-ACCEPT")).toEqual({ "*": "3d" });
    expect(changed.timers?.["T-ACCEPT"]).toEqual({ rolls: true, term: { "*": "3d" } });
  });

  test("a fault has its place on the page", () => {
    const places = ["timers.T-ACCEPT", "SUBMITTED", "steps.受理", "may.accept", "rungs.idle"].map(
      (where) => placeOf(where, ground.machine).tab,
    );
    expect(places).toEqual(["clocks", "flow", "steps", "seats", "json"]);
  });
});
