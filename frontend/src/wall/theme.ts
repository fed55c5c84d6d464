/**
 * Colours of the map. Red, orange, yellow and blue belong to severity, and to duties that are due or missed; these have a
 * shape of their own. What is calm is cyan and grey.
 */
import type { Level } from "../feed/types.ts";
import { type BaseColours, darkBase, lightBase } from "./base/colours.ts";

export interface MapTheme {
  dark: boolean;
  back: string;
  land: string;
  edge: string;
  village: string;
  grid: string;
  water: string;
  roadMajor: string;
  roadMinor: string;
  camera: string;
  cameraDim: string;
  text: string;
  textDim: string;
  halo: string;
  panel: string;
  visited: string;
  open: string;
  due: string;
  missed: string;
  excused: string;
  unit: string;
  unitBusy: string;
  unitPatrol: string;
  unitStale: string;
  route: string;
  /** Roads that are closed, and rings of what is reached. */
  closed: string;
  ring: string;
  levels: Record<Level, string>;
  base: BaseColours;
}

export const darkTheme: MapTheme = {
  dark: true,
  back: "#08131f",
  land: "#0d2439",
  edge: "#2d6f96",
  village: "#2c5f82",
  grid: "#24506e",
  water: "#1a4d7a",
  roadMajor: "#5f89a8",
  roadMinor: "#31597a",
  camera: "#5fb8c9",
  cameraDim: "#4b7389",
  text: "#e7f5ff",
  textDim: "#8aa4bf",
  halo: "#08131f",
  panel: "rgba(8, 19, 31, 0.86)",
  visited: "#42d392",
  open: "#8fd9c0",
  due: "#ffc04d",
  missed: "#ff6b62",
  excused: "#8296aa",
  unit: "#8fc7ea",
  unitBusy: "#ffffff",
  unitPatrol: "#4fe3d6",
  unitStale: "#5d7890",
  route: "#9fe8ff",
  closed: "#b44be0",
  ring: "#36cfc9",
  levels: { 1: "#ff4d4f", 2: "#fa8c16", 3: "#fadb14", 4: "#4096ff" },
  base: darkBase,
};

export const lightTheme: MapTheme = {
  dark: false,
  back: "#eef3f7",
  land: "#fbfdfe",
  edge: "#7f9db5",
  village: "#c2d1dd",
  grid: "#c8d7e3",
  water: "#bcdcf2",
  roadMajor: "#a9b8c6",
  roadMinor: "#d2dbe3",
  camera: "#3b8ea5",
  cameraDim: "#b9c8d3",
  text: "#15283a",
  textDim: "#5d7387",
  halo: "#ffffff",
  panel: "rgba(255, 255, 255, 0.94)",
  visited: "#0e9f6e",
  open: "#4f8f7c",
  due: "#b57600",
  missed: "#cf3b34",
  excused: "#7a8b9b",
  unit: "#2f6f9f",
  unitBusy: "#0b2b45",
  unitPatrol: "#0a9396",
  unitStale: "#9aabb9",
  route: "#2463c4",
  closed: "#8a1fb0",
  ring: "#0a8f9c",
  levels: { 1: "#d9363e", 2: "#e8710a", 3: "#d4a900", 4: "#1668dc" },
  base: lightBase,
};

export const NUMERALS: Record<Level, string> = { 1: "Ⅰ", 2: "Ⅱ", 3: "Ⅲ", 4: "Ⅳ" };
