import { expect, test } from "vitest";
import { daysOf, lengthOf, periodOf } from "../src/figures/periods.ts";

test("a period is counted from the hall's day, both ends included", () => {
  expect(daysOf("week", "2026-03-02")).toEqual({ since: "2026-02-24", until: "2026-03-02" });
  expect(daysOf("month", "2026-03-02")).toEqual({ since: "2026-03-01", until: "2026-03-02" });
  expect(daysOf("lastMonth", "2028-03-31")).toEqual({ since: "2028-02-01", until: "2028-02-29" });
  expect(daysOf("lastMonth", "2027-01-15")).toEqual({ since: "2026-12-01", until: "2026-12-31" });
  expect(daysOf("year", "2026-11-22")).toEqual({ since: "2026-01-01", until: "2026-11-22" });
});

test("days that are a period are known as that", () => {
  expect(periodOf({ since: "2026-11-01", until: "2026-11-22" }, "2026-11-22")).toBe("month");
  expect(periodOf({ since: "2026-11-02", until: "2026-11-22" }, "2026-11-22")).toBeNull();
});

test("a length is said in the unit one would say it in", () => {
  expect([59, 7199, 7200, 172_799, 172_800].map((seconds) => Object.values(lengthOf(seconds)))).toEqual([
    ["minutes", "1"],
    ["minutes", "120"],
    ["hours", "2.0"],
    ["hours", "48.0"],
    ["days", "2.0"],
  ]);
});
