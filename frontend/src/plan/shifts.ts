/** Colours and times of rounds. Pure. */
import type { PlanDetail } from "./types.ts";

/** None of the four colours of severity; a number always stands beside the colour, and dashes tell tens apart. */
const COLOURS = [
  "#00798c",
  "#7b3fa0",
  "#5a6b2f",
  "#a03e78",
  "#1b5e4b",
  "#6d4c41",
  "#3949ab",
  "#00695c",
  "#8e6c88",
  "#4a5568",
];
const DASHES = [[], [9, 5], [2, 5], [12, 4, 2, 4]];

export const colourOf = (index: number) => COLOURS[index % COLOURS.length] ?? "#4a5568";
export const dashOf = (index: number): number[] => DASHES[Math.floor(index / COLOURS.length) % DASHES.length] ?? [];

const two = (value: number) => String(value).padStart(2, "0");

/** `07:20` of a second of the plan's day, on the next day too. */
export const hourText = (s: number) => `${two(Math.floor(s / 3600) % 24)}:${two(Math.floor((s % 3600) / 60))}`;

export const isNextDay = (s: number) => s >= 86_400;

/** The whole hours within which all shifts of a plan lie. */
export function axisOf(detail: PlanDetail): { from: number; to: number } {
  const starts = detail.crews.map((crew) => crew.start_s);
  const ends = detail.crews.map((crew) => crew.end_s);
  return { from: Math.floor(Math.min(...starts) / 3600) * 3600, to: Math.ceil(Math.max(...ends) / 3600) * 3600 };
}

/** Seconds snapped to whole steps. */
export const snap = (s: number, step = 300) => Math.round(s / step) * step;

/** The second that a reading of `07:20` means to a shift: past midnight where the shift is over before it. */
export function secondOf(text: string, shift: { start_s: number; end_s: number }): number {
  const [hours = 0, minutes = 0] = text.split(":").map(Number);
  const s = hours * 3600 + minutes * 60;
  return s < shift.start_s && s + 86_400 <= shift.end_s ? s + 86_400 : s;
}
