/** Clocks of a case and their lights: green below 70 % of the time, yellow to 90 %, orange to the end, red past it. */
import type { Case, CaseClock } from "../feed/types.ts";

export type Light = "green" | "yellow" | "orange" | "red" | "stopped";

export interface ClockReading {
  name: CaseClock["name"];
  light: Light;
  /** Time left, negative when overdue; for a stopped clock what was left when it stopped. */
  leftMs: number;
}

export function lightOf(startedMs: number, dueMs: number, nowMs: number): Exclude<Light, "stopped"> {
  if (nowMs > dueMs) return "red";
  const used = dueMs > startedMs ? (nowMs - startedMs) / (dueMs - startedMs) : 1;
  if (used < 0.7) return "green";
  return used < 0.9 ? "yellow" : "orange";
}

export function readClock(clock: CaseClock, nowMs: number): ClockReading {
  const due = Date.parse(clock.due_at);
  if (clock.stopped_at !== null) {
    return { name: clock.name, light: "stopped", leftMs: due - Date.parse(clock.stopped_at) };
  }
  return { name: clock.name, light: lightOf(Date.parse(clock.started_at), due, nowMs), leftMs: due - nowMs };
}

/** The running clock that ends first, or null when none runs. */
export function nextClock(item: Case, nowMs: number): ClockReading | null {
  const running = item.clocks.filter((clock) => clock.stopped_at === null).map((clock) => readClock(clock, nowMs));
  return running.reduce<ClockReading | null>(
    (first, clock) => (first === null || clock.leftMs < first.leftMs ? clock : first),
    null,
  );
}

const OVER = [
  "RESOLVED",
  "CALLBACK",
  "RATED",
  "ARCHIVED",
  "REJECTED",
  "DUPLICATE",
  "MERGED",
  "TRANSFERRED",
  "WITHDRAWN",
];
export const isOpen = (item: Case) => !OVER.includes(item.state);
/** Nobody has been sent yet. */
export const isUnsent = (item: Case) => item.state === "ACCEPTED" || item.state === "SUBMITTED";

export function isOverdue(item: Case, nowMs: number): boolean {
  const next = nextClock(item, nowMs);
  return next !== null && next.leftMs < 0;
}

/** Days, hours, minutes and seconds of a span, for `剩余 2 小时 15 分`: its two largest units. */
export function spanParts(ms: number): { unit: "d" | "h" | "m" | "s"; value: number }[] {
  const total = Math.floor(Math.abs(ms) / 1000);
  const units = [
    { unit: "d" as const, value: Math.floor(total / 86_400) },
    { unit: "h" as const, value: Math.floor((total % 86_400) / 3600) },
    { unit: "m" as const, value: Math.floor((total % 3600) / 60) },
    { unit: "s" as const, value: total % 60 },
  ];
  const first = units.findIndex((part) => part.value > 0);
  if (first < 0) return [{ unit: "s", value: 0 }];
  return units.slice(first, first + 2).filter((part) => part.value > 0);
}
