import { describe, expect, test } from "vitest";
import type { Fact } from "../src/feed/types.ts";
import { fold, forget, merge } from "../src/fold/fold.ts";
import { emptyState, fromSnapshot, RECENT_KEPT } from "../src/fold/state.ts";
import { makeAlert, makeCase, makeFact, NOON } from "./make.ts";

/** A long history with every alert and case changed many times, the same for the same seed. */
function history(count: number, seed: number): Fact[] {
  let random = seed;
  const next = (below: number) => {
    random = (random * 1103515245 + 12345) % 2 ** 31;
    return random % below;
  };
  const versions = new Map<string, number>();
  return Array.from({ length: count }, (_, index) => {
    const id = `${next(2) ? "a" : "c"}${next(9)}`;
    const version = (versions.get(id) ?? 0) + 1;
    versions.set(id, version);
    const data = id.startsWith("a") ? { alert: makeAlert({ id, version }) } : { case: makeCase({ id, version }) };
    return makeFact(index + 1, "prewarning.repeated", data, id);
  });
}

describe("fold", () => {
  test("replaying any part of the history changes nothing", () => {
    for (const seed of [1, 7, 42]) {
      const facts = history(200, seed);
      const once = facts.reduce(fold, emptyState);
      expect(facts.reduce(fold, once)).toBe(once);
      expect(facts.slice(50, 90).reduce(fold, once)).toBe(once);
    }
  });

  test("stopping anywhere and going on gives the same state as going through", () => {
    const facts = history(120, 3);
    const whole = facts.reduce(fold, emptyState);
    for (const cut of [1, 17, 60, 119]) {
      const first = facts.slice(0, cut).reduce(fold, emptyState);
      expect(facts.slice(Math.max(0, cut - 10)).reduce(fold, first)).toEqual(whole);
    }
  });

  test("does not change the state it was given", () => {
    const before = fold(emptyState, makeFact(1, "prewarning.raised", { alert: makeAlert() }));
    const known = [...before.alerts.values()];
    fold(before, makeFact(2, "prewarning.taken", { alert: makeAlert({ state: "taken", version: 2 }) }));
    expect([...before.alerts.values()]).toEqual(known);
    expect(before.seq).toBe(1);
  });

  test("an older version never overwrites a newer one", () => {
    const taken = fold(
      emptyState,
      makeFact(1, "prewarning.taken", { alert: makeAlert({ state: "taken", version: 5 }) }),
    );
    const late = fold(taken, makeFact(2, "evidence.clip_saved", { alert: makeAlert({ version: 4 }) }));
    expect(late.alerts.get("a1")?.state).toBe("taken");
    expect(late.seq).toBe(2);
  });

  test("one fact upserts every entity it carries and leaves the other maps as they were", () => {
    const state = fold(emptyState, makeFact(1, "response.opened", { alert: makeAlert(), case: makeCase() }));
    expect(state.alerts.has("a1") && state.cases.has("c1")).toBe(true);
    expect(state.orders).toBe(emptyState.orders);
  });

  test("an unknown kind or an empty body only moves the number", () => {
    const state = fold(emptyState, makeFact(9, "later.invented", {}));
    expect({ ...state, seq: 0, recent: [] }).toEqual(emptyState);
    expect(state.seq).toBe(9);
  });

  test("the answer of a command shows at once and its fact then changes nothing but the number", () => {
    const alert = makeAlert({ state: "taken", version: 2 });
    const merged = merge(emptyState, { alert });
    const folded = fold(merged, makeFact(1, "prewarning.taken", { alert }));
    expect(folded.alerts.get("a1")).toEqual(merged.alerts.get("a1"));
  });

  test("a snapshot replaces the state and later facts go on from its number", () => {
    const state = fromSnapshot(40, {
      alerts: [makeAlert()],
      cases: [],
      orders: [],
      responders: [],
      points: [],
      duties: [],
    });
    expect(fold(state, makeFact(40, "prewarning.raised", { alert: makeAlert({ version: 9 }) }))).toBe(state);
    expect(fold(state, makeFact(41, "prewarning.taken", { alert: makeAlert({ version: 2 }) })).seq).toBe(41);
  });

  test("keeps a bounded number of lines and forgets what closed before the given instant", () => {
    const state = history(RECENT_KEPT + 50, 5).reduce(fold, emptyState);
    expect(state.recent).toHaveLength(RECENT_KEPT);
    const closed = merge(state, {
      alert: makeAlert({ id: "old", state: "dismissed", closed_at: "2026-11-01T00:00:00.000Z" }),
      case: makeCase({ id: "gone", archived_at: "2026-11-01T00:00:00.000Z" }),
    });
    const kept = forget(closed, NOON);
    expect(kept.alerts.has("old") || kept.cases.has("gone")).toBe(false);
    expect(kept.alerts.size).toBe(state.alerts.size);
  });
});
