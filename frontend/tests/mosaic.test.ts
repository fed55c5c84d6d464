import { describe, expect, test } from "vitest";
import type { Camera, Town } from "../src/feed/types.ts";
import { delivers, shapeOf, TROUBLES, troubleRank } from "../src/fold/trouble.ts";
import { agesOf } from "../src/mosaic/ages.ts";
import { byTrouble, byVillage, search } from "../src/mosaic/groups.ts";
import { arrange, type Cell, cellAt, cellBeside, type Group } from "../src/mosaic/layout.ts";
import { tilesOf } from "../src/mosaic/tiles.ts";

const ids = (count: number, prefix = "c") => Array.from({ length: count }, (_, index) => `${prefix}${index}`);
const group = (key: string, count: number, more: Partial<Group> = {}): Group => ({
  key,
  ids: ids(count, key),
  scale: 1,
  flows: false,
  ...more,
});
const TOWN = [418, 240, 66, 103, 75, 76, 84, 63, 62, 104, 87, 69];
const villages = TOWN.map((count, index) => group(`v${index}-`, count));
const sizes = (width: number, height: number) => ({ width, height, gap: 1, head: 26, gutter: 10 });

function overlap(a: Cell, b: Cell): boolean {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}

describe("arrangement", () => {
  test.each([
    [3820, 990],
    [1900, 990],
    [1260, 640],
  ])("all pictures of the town stand on %i by %i, whole and apart", (width, height) => {
    const { cells, heads } = arrange(villages, sizes(width, height));
    expect(cells.length).toBe(1447);
    expect(new Set(cells.map((cell) => cell.id)).size).toBe(1447);
    expect(heads.length).toBe(TOWN.length);
    const outside = cells.filter(({ x, y, w, h }) => x < 0 || y < 0 || x + w > width || y + h > height);
    expect(outside).toEqual([]);
    for (let index = 1; index < cells.length; index += 7) {
      const one = cells[index] as Cell;
      expect(cells.filter((other) => other !== one && overlap(one, other))).toEqual([]);
    }
  });

  test("pictures fill most of the screen", () => {
    const { cells } = arrange(villages, sizes(3820, 990));
    const covered = cells.reduce((sum, { w, h }) => sum + w * h, 0);
    expect(covered / (3820 * 990)).toBeGreaterThan(0.75);
  });

  test("troubled pictures are larger and a long group goes on below", () => {
    const groups = [group("bad", 9, { scale: 2.5, flows: true }), group("fine", 1438, { flows: true })];
    const { cells, heads, tileW } = arrange(groups, sizes(1900, 990));
    expect(cells.length).toBe(1447);
    expect(cells.find((cell) => cell.id === "bad0")?.w).toBe(Math.round(tileW * 2.5));
    expect(heads[0]).toMatchObject({ key: "bad", again: false });
  });

  test("nothing to show and no room are no error", () => {
    expect(arrange([], sizes(1900, 990)).cells).toEqual([]);
    expect(arrange([group("v", 5)], sizes(20, 20)).cells).toEqual([]);
  });

  test("a point finds its picture and arrow keys the one beside", () => {
    const { cells } = arrange([group("v", 12)], { ...sizes(400, 300), head: 0 });
    const first = cells[0] as Cell;
    expect(cellAt(cells, first.x + 2, first.y + 2)).toBe(first);
    expect(cellAt(cells, -5, -5)).toBeNull();
    const right = cellBeside(cells, first, 1, 0);
    expect(right).toBe(cells[1]);
    expect(cellBeside(cells, right, -1, 0)).toBe(first);
    expect(cellBeside(cells, first, -1, 0)).toBe(first);
    expect(cellBeside(cells, first, 0, 1).y).toBeGreaterThan(first.y);
  });
});

const camera = (id: string, area: string, number: string, name = "") =>
  ({ id, area, number, name, has_feed: true }) as Camera;
const cameras = [
  camera("a", "320724199201001", "0300", "小学东门"),
  camera("b", "320724199202001", "0030", "集市"),
  camera("c", "320724199201002", "0003", "桥头"),
  camera("d", "320724199", "1300", "镇政府"),
];

describe("groups", () => {
  test("cameras stand by village, in the order of the town, and others after them", () => {
    const town = {
      villages: { features: [{ properties: { code: "320724199202" } }, { properties: { code: "320724199201" } }] },
    } as unknown as Town;
    expect(byVillage(cameras, town).map(({ key, ids }) => [key, ids])).toEqual([
      ["320724199202", ["b"]],
      ["320724199201", ["a", "c"]],
      ["320724199", ["d"]],
    ]);
  });

  test("the worst comes first, an alert before all", () => {
    const states = new Map([
      ["a", "shake"],
      ["b", "lost"],
      ["c", "covered"],
      ["d", "online"],
    ]);
    expect(byTrouble(cameras, states, new Set(["c"])).map(({ key, ids }) => [key, ids])).toEqual([
      ["alert", ["c"]],
      ["trouble", ["b", "a"]],
      ["online", ["d"]],
    ]);
  });

  test("a number finds its camera first, a part of a name finds all", () => {
    expect(search(cameras, "30")).toEqual(["b", "a", "d"]);
    expect(search(cameras, "桥")).toEqual(["c"]);
    expect(search(cameras, " ")).toEqual([]);
  });

  test("every trouble has a rank and a shape, what is fine has none, what is unknown comes last", () => {
    expect(TROUBLES.map((state) => troubleRank(state))).toEqual(TROUBLES.map((_, rank) => rank));
    expect([troubleRank("online"), troubleRank(undefined), troubleRank("melted")]).toEqual([
      null,
      null,
      TROUBLES.length,
    ]);
    expect([shapeOf("lost"), shapeOf("covered"), shapeOf("opening")]).toEqual(["cross", "triangle", "ring"]);
    expect([delivers("online"), delivers("dark"), delivers("lost"), delivers(undefined)]).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});

function message(rows: [string, number, number[]][]): ArrayBuffer {
  const bytes: number[] = [];
  for (const [id, at, jpeg] of rows) {
    const head = new DataView(new ArrayBuffer(32));
    [...id].forEach((letter, index) => {
      head.setUint8(index, letter.charCodeAt(0));
    });
    head.setFloat64(20, at);
    head.setUint32(28, jpeg.length);
    bytes.push(...new Uint8Array(head.buffer), ...jpeg);
  }
  return new Uint8Array(bytes).buffer;
}

describe("pictures on the wire", () => {
  test("are read one after the other, with whose they are and when they came", () => {
    const tiles = tilesOf(
      message([
        ["32072419920113000001", 1_700_000_000_123, [255, 216, 1]],
        ["x1", 5, []],
      ]),
    );
    expect(tiles.map(({ id, atMs, jpeg }) => [id, atMs, [...jpeg]])).toEqual([
      ["32072419920113000001", 1_700_000_000_123, [255, 216, 1]],
      ["x1", 5, []],
    ]);
  });

  test("a message that breaks off gives what is whole", () => {
    const whole = message([
      ["a", 1, [1, 2]],
      ["b", 2, [3, 4]],
    ]);
    expect(tilesOf(whole.slice(0, whole.byteLength - 1)).map((tile) => tile.id)).toEqual(["a"]);
    expect(tilesOf(new ArrayBuffer(7))).toEqual([]);
  });

  test("ages are told over all that deliver, and one that never came is old", () => {
    const ages = agesOf([...Array.from({ length: 99 }, (_, index) => index / 25), Number.POSITIVE_INFINITY]);
    expect(ages).toEqual({ p50: 1.96, p95: 3.76, worst: 3.92, shown: 99, old: 1 });
    expect(agesOf([])).toEqual({ p50: null, p95: null, worst: null, shown: 0, old: 0 });
  });
});
