import { describe, expect, test } from "vitest";
import { BATCH, Outbox, type OwnReport, thin } from "../src/feed/outbox.ts";

const NOW = Date.parse("2026-08-23T01:00:00Z");
const report = (second: number): OwnReport => ({
  at: new Date(NOW + second * 1000).toISOString(),
  lon: 119.4,
  lat: 34.1,
  accuracy_m: 8,
});

/** A shelf as a browser has it, that can be full. */
class Memory {
  readonly kept = new Map<string, string>();
  room = Number.POSITIVE_INFINITY;
  getItem = (key: string) => this.kept.get(key) ?? null;
  removeItem = (key: string) => void this.kept.delete(key);
  setItem = (key: string, value: string) => {
    if (value.length > this.room) throw new DOMException("full", "QuotaExceededError");
    this.kept.set(key, value);
  };
}

describe("positions that wait for the line", () => {
  test("all follow in order and in batches when the line is back, also after a reload", async () => {
    const shelf = new Memory();
    const down = new Outbox(shelf, "p1", () => Promise.reject(new Error("offline")));
    for (let second = 0; second < BATCH + 10; second += 1) down.add(report(second - 3600));
    expect(await down.flush(NOW)).toBe(false);
    const sent: OwnReport[][] = [];
    const up = new Outbox(shelf, "p1", async (reports) => sent.push(reports));
    expect(await up.flush(NOW)).toBe(true);
    expect(sent.map((batch) => batch.length)).toEqual([BATCH, 10]);
    expect(sent.flat().map((one) => one.at)).toEqual([...sent.flat().map((one) => one.at)].sort());
    expect([up.size, shelf.kept.size]).toEqual([0, 0]);
  });

  test("a batch that breaks off is sent again as a whole and nothing before it", async () => {
    const sent: number[] = [];
    let fails = true;
    const outbox = new Outbox(new Memory(), "p1", async (reports) => {
      if (sent.length === 1 && fails) throw new Error("offline");
      sent.push(reports.length);
    });
    for (let second = 0; second < 2 * BATCH; second += 1) outbox.add(report(second - 3600));
    expect(await outbox.flush(NOW)).toBe(false);
    expect(outbox.size).toBe(BATCH);
    fails = false;
    expect(await outbox.flush(NOW)).toBe(true);
    expect(sent).toEqual([BATCH, BATCH]);
  });

  test("a long walk grows coarse at its beginning and keeps its ends", () => {
    const kept = thin(
      Array.from({ length: 1001 }, (_, index) => index),
      400,
    );
    expect(kept.length).toBeLessThanOrEqual(400);
    expect([kept[0], kept.at(-1)]).toEqual([0, 1000]);
    const gaps = kept.slice(1).map((value, index) => value - (kept[index] ?? 0));
    expect(Math.max(...gaps)).toBeLessThanOrEqual(64);
    expect(gaps.slice(-50)).toEqual(Array(50).fill(1));
  });

  test("a full phone loses detail, not the walk, and what is a week old is let go", async () => {
    const shelf = new Memory();
    shelf.room = 4000;
    const sent: OwnReport[] = [];
    const outbox = new Outbox(shelf, "p1", async (reports) => sent.push(...reports));
    outbox.add(report(-8 * 86_400));
    for (let second = 0; second < 300; second += 1) outbox.add(report(second - 3600));
    expect(await outbox.flush(NOW)).toBe(true);
    expect(sent.at(-1)?.at).toBe(report(299 - 3600).at);
    expect(sent.length).toBeGreaterThan(30);
    expect(sent.some((one) => one.at === report(-8 * 86_400).at)).toBe(false);
  });

  test("what is kept under the name of another person or is no list is left alone", () => {
    const shelf = new Memory();
    shelf.kept.set("p1", "{broken");
    expect(new Outbox(shelf, "p1", async () => undefined).size).toBe(0);
  });
});
