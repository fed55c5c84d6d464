import { expect, test } from "vitest";
import { queryOf, wishOf } from "../src/finding/types.ts";

test("a search stands in the address and comes back from it", () => {
  const wish = { q: "路灯 不亮", state: "open", since: "2026-01-01" };
  expect(wishOf(Object.fromEntries(new URLSearchParams(queryOf(wish))))).toEqual(wish);
  expect(queryOf({ q: "", unit: undefined })).toBe("");
  expect(wishOf({ case: "x", q: ["a", "b"], level: "2" })).toEqual({ level: "2" });
});
