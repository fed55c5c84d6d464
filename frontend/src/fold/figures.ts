/** Numbers of the day, derived from the state; every one of them can be counted again from the facts. */
import type { Case, Duty, Force, Person, UnitRow } from "../feed/types.ts";
import { isOpen, isOverdue } from "./clocks.ts";
import type { State } from "./state.ts";
import { dayStart, hourOf } from "./time.ts";

/** Positions older than this do not count as online. */
export const POSITION_STALE_S = 300;

export interface TodayFigures {
  accepted: number;
  open: number;
  resolved: number;
  overdue: number;
}

const within = (at: string | null, fromMs: number, toMs: number) => {
  if (at === null) return false;
  const ms = Date.parse(at);
  return ms >= fromMs && ms <= toMs;
};

export function today(state: State, nowMs: number): TodayFigures {
  const start = dayStart(nowMs);
  const figures = { accepted: 0, open: 0, resolved: 0, overdue: 0 };
  for (const item of state.cases.values()) {
    if (within(item.opened_at, start, nowMs + 5000)) figures.accepted += 1;
    if (within(item.resolved_at, start, nowMs + 5000)) figures.resolved += 1;
    if (isOpen(item)) figures.open += 1;
    if (isOverdue(item, nowMs)) figures.overdue += 1;
  }
  return figures;
}

export type Dimension = "security" | "traffic" | "petition" | "enforcement" | "dispute" | "livelihood";
export const DIMENSIONS: readonly Dimension[] = [
  "security",
  "traffic",
  "petition",
  "enforcement",
  "dispute",
  "livelihood",
];

const BY_FIELD: Record<string, Dimension> = {
  "01": "dispute",
  "02": "security",
  "03": "security",
  "04": "enforcement",
  "05": "traffic",
  "06": "enforcement",
  "07": "enforcement",
};
const BY_CODE: Record<string, Dimension> = { "08005": "petition", "01012": "petition" };

/** The one of the six dimensions that a category belongs to. */
export function dimensionOf(category: string): Dimension {
  return BY_CODE[category] ?? BY_FIELD[category.slice(0, 2)] ?? "livelihood";
}

function todaysCases(state: State, nowMs: number): Case[] {
  const start = dayStart(nowMs);
  return [...state.cases.values()].filter((item) => within(item.opened_at, start, nowMs + 5000));
}

export function dimensions(state: State, nowMs: number): Record<Dimension, number> {
  const counts = Object.fromEntries(DIMENSIONS.map((name) => [name, 0])) as Record<Dimension, number>;
  for (const item of todaysCases(state, nowMs)) counts[dimensionOf(item.category)] += 1;
  return counts;
}

export function sources(state: State, nowMs: number): { source: Case["source"]; count: number }[] {
  const counts = new Map<Case["source"], number>([
    ["camera", 0],
    ["patrol", 0],
  ]);
  for (const item of todaysCases(state, nowMs)) counts.set(item.source, (counts.get(item.source) ?? 0) + 1);
  return [...counts].map(([source, count]) => ({ source, count })).sort((a, b) => b.count - a.count);
}

/** Alerts and cases per hour of today; hours to come are null. */
export function trend(state: State, nowMs: number): { alerts: number; cases: number }[] {
  const start = dayStart(nowMs);
  const hours = Array.from({ length: 24 }, () => ({ alerts: 0, cases: 0 }));
  for (const alert of state.alerts.values()) {
    const hour = hours[hourOf(Date.parse(alert.raised_at))];
    if (hour && within(alert.raised_at, start, nowMs + 5000)) hour.alerts += 1;
  }
  for (const item of todaysCases(state, nowMs)) {
    const hour = hours[hourOf(Date.parse(item.opened_at))];
    if (hour) hour.cases += 1;
  }
  return hours;
}

export interface ForceFigures {
  force: Force;
  total: number;
  online: number;
  busy: number;
}

const BUSY = new Set(["called", "en_route", "on_scene", "handling"]);

/** People by force: all, with a fresh position, and on an order. */
export function forces(persons: readonly Person[], state: State, units: ReadonlyMap<string, UnitRow>): ForceFigures[] {
  const figures = new Map<Force, ForceFigures>();
  for (const person of persons) {
    const row = figures.get(person.force) ?? { force: person.force, total: 0, online: 0, busy: 0 };
    const status = state.responders.get(person.id)?.status;
    const unit = units.get(person.id);
    row.total += 1;
    if (status !== "off_duty" && unit && unit[5] <= POSITION_STALE_S) row.online += 1;
    if (status && BUSY.has(status)) row.busy += 1;
    figures.set(person.force, row);
  }
  return [...figures.values()];
}

export interface DutyFigures {
  total: number;
  visited: number;
  missed: number;
  excused: number;
  open: number;
}

export function todaysDuties(state: State, nowMs: number): Duty[] {
  const start = dayStart(nowMs);
  return [...state.duties.values()].filter((duty) => {
    const begins = Date.parse(duty.window_start);
    return begins >= start && begins < start + 86_400_000;
  });
}

export function duties(state: State, nowMs: number): DutyFigures {
  const figures = { total: 0, visited: 0, missed: 0, excused: 0, open: 0 };
  for (const duty of todaysDuties(state, nowMs)) {
    figures.total += 1;
    figures[duty.state] += 1;
  }
  return figures;
}

/** open: its window is still to come; due: it is running and nobody was there yet. */
export type PointLook = "visited" | "open" | "due" | "missed" | "excused" | "none";

function lookOf(duty: Duty | undefined, nowMs: number): PointLook {
  if (!duty) return "none";
  return duty.state === "open" && Date.parse(duty.window_start) <= nowMs ? "due" : duty.state;
}

/** The duty that counts now for each point or line: of its newest window that has begun, else of one to come. */
function newestDuties(state: State, nowMs: number): Map<string, Duty> {
  const newest = new Map<string, Duty>();
  for (const duty of todaysDuties(state, nowMs)) {
    const target = duty.point_id ?? duty.line_id ?? "";
    const begun = Date.parse(duty.window_start) <= nowMs;
    const known = newest.get(target);
    const better = !known || Date.parse(duty.window_start) > Date.parse(known.window_start);
    if (begun ? better : !known) newest.set(target, duty);
  }
  return newest;
}

export interface LineLook {
  look: PointLook;
  /** Proved parts as [from, to] of the length. */
  done: readonly [number, number][];
  share: number | null;
}

/** How each active line looks now, and which parts of it are proved. */
export function lineLooks(state: State, nowMs: number): Map<string, LineLook> {
  const newest = newestDuties(state, nowMs);
  const looks = new Map<string, LineLook>();
  for (const line of state.lines.values()) {
    if (!line.active) continue;
    const duty = newest.get(line.id);
    looks.set(line.id, { look: lookOf(duty, nowMs), done: duty?.done ?? [], share: duty?.share ?? null });
  }
  return looks;
}

/** How each point looks now: missed until made good, else by its newest window that has begun, else open. */
export function pointLooks(state: State, nowMs: number): Map<string, PointLook> {
  const newest = newestDuties(state, nowMs);
  const looks = new Map<string, PointLook>();
  for (const point of state.points.values()) {
    if (!point.active) continue;
    looks.set(point.id, lookOf(newest.get(point.id), nowMs));
  }
  return looks;
}
