/** The figures of the cases as the server tells them. */
import type { components } from "../feed/api.gen.ts";

type Schemas = components["schemas"];
export type Figures = Schemas["FiguresView"];
export type RateFigure = Schemas["RateView"];
export type TimeFigure = Schemas["TimeView"];
export type PartFigures = Schemas["PartView"];
export type Behind = Schemas["BehindView"];
export type BehindLine = Schemas["BehindLine"];

/** Which cases are asked about; what is left out is left to the server. */
export interface Asked {
  since?: string;
  until?: string;
  area?: string;
  way?: string;
}

/** Which number somebody wants to see the cases of. */
export interface Choice {
  name: string;
  side?: "over" | "of";
  part?: string;
  key?: string;
  title: string;
}

export const PARTS = ["unit", "category", "channel", "tier", "level", "village", "way"] as const;
export type Part = (typeof PARTS)[number];
