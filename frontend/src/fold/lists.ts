/** Orderings of the lists on every screen: what needs somebody first. */
import type { Alert, Case } from "../feed/types.ts";
import { isOpen, nextClock } from "./clocks.ts";
import type { State } from "./state.ts";

export const isPending = (alert: Alert) => alert.state === "raised" || alert.state === "taken";

/** Alerts nobody has decided on, the gravest first, then the oldest. */
export function pendingAlerts(state: State): Alert[] {
  return [...state.alerts.values()]
    .filter(isPending)
    .sort((a, b) => a.level - b.level || a.raised_at.localeCompare(b.raised_at) || a.id.localeCompare(b.id));
}

/** Cases still to be handled, the clock that ends first on top. */
export function openCases(state: State, nowMs: number): Case[] {
  const left = (item: Case) => nextClock(item, nowMs)?.leftMs ?? Number.POSITIVE_INFINITY;
  return [...state.cases.values()].filter(isOpen).sort((a, b) => left(a) - left(b) || a.code.localeCompare(b.code));
}

/** Cases that are handled but not yet called back or archived. */
export function closingCases(state: State): Case[] {
  return [...state.cases.values()]
    .filter((item) => item.state === "RESOLVED" || item.state === "RATED")
    .sort((a, b) => a.code.localeCompare(b.code));
}

/** The one in the foreground: the gravest that waits, else the case whose alert came last. */
export function foreground(state: State, nowMs: number): { alert: Alert | null; case: Case | null } {
  const alert = pendingAlerts(state)[0];
  if (alert) return { alert, case: null };
  const item = openCases(state, nowMs).sort((a, b) => b.opened_at.localeCompare(a.opened_at))[0];
  if (!item) return { alert: null, case: null };
  return { alert: item.alert_id ? (state.alerts.get(item.alert_id) ?? null) : null, case: item };
}

/** Whether somebody must still be called by sound: the gravest level that nobody has taken, or null. */
export function soundingLevel(state: State): Alert["level"] | null {
  const levels = [...state.alerts.values()].filter((alert) => alert.state === "raised").map((alert) => alert.level);
  return levels.length > 0 ? (Math.min(...levels) as Alert["level"]) : null;
}

/** Metres between two places; flat-earth at the town's latitude, good to 0.1 % within a county. */
export function distanceM(a: readonly [number, number], b: readonly [number, number]): number {
  const metresPerDegree = 111_195;
  const eastM = (b[0] - a[0]) * metresPerDegree * Math.cos(((a[1] + b[1]) * Math.PI) / 360);
  const northM = (b[1] - a[1]) * metresPerDegree;
  return Math.hypot(eastM, northM);
}
