/** What is drawn of a tile, from below to above; the canvas and MapLibre both follow this one list. */
import type { BaseColours } from "./colours.ts";

/** Width in design pixels at a zoom. */
export type Width = readonly [zoom: number, px: number];

export interface AreaRule {
  kind: "area";
  id: string;
  layer: string;
  classes: readonly string[] | null;
  colour: keyof BaseColours;
  edge?: keyof BaseColours;
  from: number;
}

export interface LineRule {
  kind: "line";
  id: string;
  layer: string;
  classes: readonly string[] | null;
  colour: keyof BaseColours;
  widths: readonly Width[];
  /** In widths of the line. */
  dash?: readonly [number, number];
  from: number;
}

export type Rule = AreaRule | LineRule;

const land = (id: string, classes: string[], colour: keyof BaseColours, from = 6): AreaRule => ({
  kind: "area",
  id: `land-${id}`,
  layer: "land",
  classes,
  colour,
  from,
});

const ROADS: readonly [string, keyof BaseColours, number, readonly Width[]][] = [
  [
    "path",
    "path",
    14.5,
    [
      [14, 0.7],
      [16, 1.2],
      [18, 3],
    ],
  ],
  [
    "service",
    "service",
    13.5,
    [
      [13, 0.5],
      [15, 1.6],
      [16, 3],
      [18, 8],
    ],
  ],
  [
    "minor",
    "minor",
    11.5,
    [
      [11, 0.4],
      [13, 1.1],
      [14, 2],
      [16, 5.5],
      [18, 14],
    ],
  ],
  [
    "tertiary",
    "minor",
    10.5,
    [
      [10, 0.5],
      [12, 1.2],
      [14, 3],
      [16, 7],
      [18, 16],
    ],
  ],
  [
    "secondary",
    "secondary",
    9.5,
    [
      [9, 0.6],
      [12, 1.8],
      [14, 4],
      [16, 8.5],
      [18, 18],
    ],
  ],
  [
    "primary",
    "primary",
    8,
    [
      [8, 0.6],
      [11, 1.8],
      [14, 5],
      [16, 10],
      [18, 22],
    ],
  ],
  [
    "trunk",
    "primary",
    7,
    [
      [7, 0.7],
      [10, 1.9],
      [14, 5.5],
      [16, 11],
      [18, 24],
    ],
  ],
  [
    "motorway",
    "motorway",
    6,
    [
      [6, 0.7],
      [10, 2],
      [14, 6],
      [16, 12],
      [18, 26],
    ],
  ],
];

/** Casings show from the zoom on at which a road is broad enough to have an edge. */
const CASED_FROM = 13;
const broader = (widths: readonly Width[]): Width[] => widths.map(([zoom, px]) => [zoom, px + (zoom < 14 ? 1 : 1.8)]);

function roads(): LineRule[] {
  const line = (name: string, colour: keyof BaseColours, from: number, widths: readonly Width[]): LineRule => ({
    kind: "line",
    id: `road-${name}`,
    layer: "roads",
    classes: [name],
    colour,
    widths,
    from,
    ...(name === "path" ? { dash: [2.5, 1.5] as const } : {}),
  });
  const cased = ROADS.filter(([name]) => name !== "path");
  return [
    ...cased.map(([name, , from, widths]) => ({
      ...line(name, "casing", Math.max(from, CASED_FROM), broader(widths)),
      id: `casing-${name}`,
    })),
    ...ROADS.map(([name, colour, from, widths]) => line(name, colour, from, widths)),
  ];
}

export const RULES: readonly Rule[] = [
  land("farm", ["farm"], "farm"),
  land("residential", ["residential"], "residential"),
  land("commercial", ["commercial"], "commercial"),
  land("industrial", ["industrial", "works"], "industrial"),
  land("wood", ["wood"], "wood"),
  land("grass", ["grass", "cemetery"], "grass"),
  land("wetland", ["wetland"], "wetland"),
  land("bare", ["sand", "rock"], "bare"),
  land("school", ["school"], "school"),
  land("medical", ["medical"], "medical"),
  land("park", ["park"], "park"),
  land("paved", ["square", "parking"], "paved", 13),
  land("pitch", ["pitch"], "pitch", 13),
  { kind: "area", id: "water", layer: "water", classes: null, colour: "water", edge: "waterEdge", from: 6 },
  {
    kind: "line",
    id: "stream",
    layer: "water",
    classes: ["river", "canal", "stream", "ditch", "drain", "tidal_channel"],
    colour: "water",
    widths: [
      [8, 0.8],
      [12, 1.4],
      [14, 2.4],
      [18, 8],
    ],
    from: 8,
  },
  {
    kind: "line",
    id: "coast",
    layer: "water",
    classes: ["coast"],
    colour: "waterEdge",
    widths: [
      [6, 1],
      [16, 3],
    ],
    from: 6,
  },
  {
    kind: "area",
    id: "building",
    layer: "buildings",
    classes: null,
    colour: "building",
    edge: "buildingEdge",
    from: 13.3,
  },
  ...roads(),
  {
    kind: "line",
    id: "rail",
    layer: "roads",
    classes: ["rail"],
    colour: "rail",
    widths: [
      [9, 0.7],
      [14, 1.6],
      [18, 3.5],
    ],
    dash: [4, 2],
    from: 9,
  },
  {
    kind: "line",
    id: "boundary",
    layer: "boundaries",
    classes: null,
    colour: "boundary",
    widths: [
      [6, 0.8],
      [14, 1.6],
    ],
    dash: [5, 3],
    from: 6,
  },
];

/** An edge is drawn from this zoom on, so broad. */
export const EDGE_FROM = 14;
export const EDGE_PX = 0.8;
/** Growth between two zooms: a road is as broad on the map as on the ground, nearly. */
export const GROWTH = 1.5;

/** Width at a zoom, as MapLibre interpolates with base GROWTH. */
export function widthAt(widths: readonly Width[], zoom: number): number {
  const first = widths[0];
  const last = widths[widths.length - 1];
  if (!first || !last) return 0;
  if (zoom <= first[0]) return first[1];
  for (let i = 1; i < widths.length; i++) {
    const [from, low] = widths[i - 1] ?? first;
    const [to, high] = widths[i] ?? last;
    if (zoom <= to) return low + ((high - low) * (GROWTH ** (zoom - from) - 1)) / (GROWTH ** (to - from) - 1);
  }
  return last[1];
}
