/** Times of the hall. Instants are milliseconds UTC; days and clock readings are Asia/Shanghai (UTC+8, no summer time). */
const HALL_OFFSET_MS = 8 * 3_600_000;
const DAY_MS = 86_400_000;

/** The instant at which the hall's day of `nowMs` began. */
export function dayStart(nowMs: number): number {
  return Math.floor((nowMs + HALL_OFFSET_MS) / DAY_MS) * DAY_MS - HALL_OFFSET_MS;
}

/** Hour of the day in the hall, 0–23. */
export function hourOf(ms: number): number {
  return Math.floor(((ms + HALL_OFFSET_MS) % DAY_MS) / 3_600_000);
}

const two = (value: number) => String(value).padStart(2, "0");

/** `10:32:08` in the hall. */
export function clockText(at: number | string): string {
  const date = new Date((typeof at === "string" ? Date.parse(at) : at) + HALL_OFFSET_MS);
  return `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`;
}

/** `11-22 10:32` in the hall; with the year where it is another than that of `now`. */
export function momentText(at: string, now = Date.now()): string {
  const told = new Date(Date.parse(at) + HALL_OFFSET_MS).toISOString().slice(0, 16).replace("T", " ");
  return told.startsWith(dateText(now).slice(0, 5)) ? told.slice(5) : told;
}

/** `2026-11-22` in the hall. */
export function dateText(ms: number): string {
  return new Date(ms + HALL_OFFSET_MS).toISOString().slice(0, 10);
}

/** Month 1–12, day 1–31 and weekday 0 (Sunday)–6 in the hall. */
export function calendar(ms: number): { month: number; day: number; weekday: number } {
  const date = new Date(ms + HALL_OFFSET_MS);
  return { month: date.getUTCMonth() + 1, day: date.getUTCDate(), weekday: date.getUTCDay() };
}

/** Age or length as `0:42`, `12:40`, `3:05:10`; never negative. */
export function spanText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}
