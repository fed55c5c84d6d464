/** Periods that are asked for again and again, from the hall's own day. Pure; days are `2026-11-22`. */
const DAY_MS = 86_400_000;

export interface Days {
  since: string;
  until: string;
}

const noon = (day: string) => Date.parse(`${day}T12:00:00Z`);
const text = (ms: number) => new Date(ms).toISOString().slice(0, 10);
const before = (day: string, days: number) => text(noon(day) - days * DAY_MS);

export const PERIODS = ["week", "month", "lastMonth", "year"] as const;
export type Period = (typeof PERIODS)[number];

/** The days of a period as of a day: seven days up to it, its month, the month before, its year. */
export function daysOf(period: Period, today: string): Days {
  if (period === "week") return { since: before(today, 6), until: today };
  if (period === "month") return { since: `${today.slice(0, 7)}-01`, until: today };
  if (period === "year") return { since: `${today.slice(0, 4)}-01-01`, until: today };
  const until = before(`${today.slice(0, 7)}-01`, 1);
  return { since: `${until.slice(0, 7)}-01`, until };
}

/** The period that these days are, if they are one. */
export function periodOf(days: Days, today: string): Period | null {
  return (
    PERIODS.find((one) => {
      const { since, until } = daysOf(one, today);
      return since === days.since && until === days.until;
    }) ?? null
  );
}

/** A length of time in the unit one would say it in: minutes below two hours, days from two days on. */
export function lengthOf(seconds: number): { unit: "minutes" | "hours" | "days"; n: string } {
  if (seconds < 7200) return { unit: "minutes", n: String(Math.round(seconds / 60)) };
  if (seconds < 2 * 86_400) return { unit: "hours", n: (seconds / 3600).toFixed(1) };
  return { unit: "days", n: (seconds / 86_400).toFixed(1) };
}
