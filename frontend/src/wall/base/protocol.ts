/** What the page and the tile worker say to each other. */
import type { BaseColours } from "./colours.ts";

export interface Start {
  kind: "start";
  vector: boolean;
  version: string;
  maxZoom: number;
  colours: BaseColours;
  /** How pictures are changed for this theme, as a canvas filter; "" for not at all. */
  filter: string;
  /** Laid over changed pictures so that their black becomes this; "" for not at all. */
  tint: string;
}

/** Draw a tile `px` device pixels wide, with lines for this zoom; `unit` is a design pixel in device pixels. */
export interface Draw {
  kind: "draw";
  key: string;
  z: number;
  x: number;
  y: number;
  px: number;
  zoom: number;
  unit: number;
}

export interface ReadNames {
  kind: "names";
  key: string;
  z: number;
  x: number;
  y: number;
}

export type ToTiles = Start | Draw | ReadNames;

/** Something with a name; of a road, along the stretch of it that is straight for longest. */
export interface Named {
  name: string;
  class: string;
  rank: number;
  lonlat: [number, number];
  /** Of a road: direction in radians, clockwise from east, and length as a share of the world's width. */
  along: { angle: number; length: number } | null;
}

export type FromTiles =
  | { kind: "drawn"; key: string; px: number; picture: ImageBitmap | null }
  | { kind: "named"; key: string; names: Named[] }
  | { kind: "failed"; key: string; names: boolean };
