/** Which duties stand behind a number of the day. Pure. */
import type { DayDuty, SpotDay } from "./types.ts";

/** What a click asks for; what is left out does not matter. */
export interface Choice {
  /** null: duties that no team was to do. */
  team?: string | null;
  /** Code of a village or grid. */
  area?: string;
  /** Points or streets. */
  targets?: readonly string[];
  /** Hour of the day that the window touches. */
  hour?: number;
  state?: DayDuty["state"];
  line?: boolean;
  title: string;
}

const HOUR_MS = 3_600_000;

/** The duties of a choice, in order of their time. */
export function dutiesOf(duties: readonly DayDuty[], choice: Choice, midnightMs: number): DayDuty[] {
  const { team, area, targets, hour, state, line } = choice;
  const from = hour === undefined ? 0 : midnightMs + hour * HOUR_MS;
  return duties.filter(
    (duty) =>
      (team === undefined || duty.team_id === team) &&
      (area === undefined || duty.area.startsWith(area)) &&
      (targets === undefined || targets.includes(duty.target_id)) &&
      (state === undefined || duty.state === state) &&
      (line === undefined || duty.line === line) &&
      (hour === undefined || (Date.parse(duty.window_start) < from + HOUR_MS && Date.parse(duty.window_end) > from)),
  );
}

/** One hour of one place, or of several together. */
export interface HourCell {
  feet: number;
  eyes: number;
  planned: number;
  missed: number;
  over: number;
  /** Whether a window touches it. */
  due: boolean;
}

/** 24 cells of some places together, with the windows of their duties. */
export function cellsOf(spots: readonly SpotDay[], duties: readonly DayDuty[], midnightMs: number): HourCell[] {
  return Array.from({ length: 24 }, (_, hour) => {
    const sum = (name: "feet" | "eyes" | "planned" | "missed" | "over_min") =>
      spots.reduce((total, spot) => total + (spot[name][hour] ?? 0), 0);
    const from = midnightMs + hour * HOUR_MS;
    return {
      feet: sum("feet"),
      eyes: sum("eyes"),
      planned: sum("planned"),
      missed: sum("missed"),
      over: sum("over_min"),
      due: duties.some((duty) => Date.parse(duty.window_start) < from + HOUR_MS && Date.parse(duty.window_end) > from),
    };
  });
}

/** Milliseconds at which a local date begins in the town. */
export const midnightOf = (date: string) => Date.parse(`${date}T00:00:00+08:00`);

/** A local date some days later. */
export const dayAfter = (date: string, days: number) =>
  new Date(Date.parse(`${date}T12:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
