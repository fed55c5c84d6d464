import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { validateStyleMin } from "@maplibre/maplibre-gl-style-spec";
import { beforeAll, describe, expect, test, vi } from "vitest";
import type { Basemap, Town } from "../src/feed/types.ts";
import { GROWTH, RULES, widthAt } from "../src/wall/base/rules.ts";
import { styleOf } from "../src/wall/style.ts";
import { darkTheme, lightTheme } from "../src/wall/theme.ts";

const none = { type: "FeatureCollection" as const, features: [] };
const outline = {
  type: "Polygon" as const,
  coordinates: [
    [
      [119, 34],
      [120, 34],
      [120, 35],
      [119, 34],
    ],
  ],
};
const vector: Basemap = {
  kind: "vector",
  version: "0123456789abcdef",
  min_zoom: 6,
  max_zoom: 14,
  attribution: "",
  tone: "",
};

function townOn(basemap: Basemap | null): Town {
  return { basemap, outline, villages: none, grids: none, roads: none, water: none, cameras: [] } as unknown as Town;
}

beforeAll(() => {
  vi.stubGlobal("location", { origin: "http://127.0.0.1" });
});

describe("the ground", () => {
  test.each([
    ["vector", vector],
    ["light pictures", { ...vector, kind: "pictures" as const, tone: "light" as const }],
    ["photographs", { ...vector, kind: "pictures" as const, tone: "photo" as const }],
    ["none", null],
  ])("is a style that MapLibre takes, on a wall and on a desk: %s", (_, basemap) => {
    for (const theme of [darkTheme, lightTheme])
      expect(validateStyleMin(styleOf(townOn(basemap), theme, 1.5))).toEqual([]);
  });

  test("draws the registry's own roads and water only where there are no tiles", () => {
    const ids = (basemap: Basemap | null) => styleOf(townOn(basemap), darkTheme, 1).layers.map((layer) => layer.id);
    expect(ids(null)).toEqual(expect.arrayContaining(["water-area", "road-minor", "road-major"]));
    const sources = styleOf(townOn(vector), darkTheme, 1).layers.map((layer) => "source" in layer && layer.source);
    expect(sources.filter((name) => name === "roads" || name === "water")).toEqual([]);
    expect(ids(vector)).toEqual(expect.arrayContaining(["water", "road-primary", "building", "veil"]));
  });

  test("has a rule for every class that the tile maker writes", () => {
    const maker = readFileSync(join(import.meta.dirname, "../../gis/basemap/layers.py"), "utf-8");
    const table = (name: string) => maker.split(`${name} = _rows("""`)[1]?.split('"""')[0] ?? "";
    const land = [...table("LAND").matchAll(/^\s+\w+ (\w+) \d+/gm)].map((match) => match[1]);
    const roads = [...(maker.split("ROADS = {")[1]?.split("}")[0] ?? "").matchAll(/\("(\w+)"/g)].map(
      (match) => match[1],
    );
    const known = new Set(RULES.flatMap((rule) => rule.classes ?? []));
    expect(land.length + roads.length).toBeGreaterThan(30);
    expect([...land, ...roads, "rail"].filter((name) => !known.has(name ?? ""))).toEqual([]);
  });

  test("widths grow as MapLibre lets them grow", () => {
    const stops = [
      [12, 1],
      [14, 5],
    ] as const;
    expect([11, 12, 14, 18].map((zoom) => widthAt(stops, zoom))).toEqual([1, 1, 5, 5]);
    expect(widthAt(stops, 13)).toBeCloseTo(1 + 4 * ((GROWTH - 1) / (GROWTH ** 2 - 1)));
  });

  test("no source names another server", () => {
    const folder = join(import.meta.dirname, "../src/wall/base");
    const texts = readdirSync(folder).map((name) => readFileSync(join(folder, name), "utf-8"));
    expect(texts.filter((text) => /https?:\/\//.test(text))).toEqual([]);
  });
});
