/** Rounds of the day as they stand now: what of each is gone, where it goes next, and how late. Pure. */
import type { DayRound, DayStop } from "../day/types.ts";
import type { Duty, LonLat, UnitRow } from "../feed/types.ts";
import { splitAt } from "./lines.ts";

/** rest: nothing is asked for there. */
export type StopLook = "visited" | "missed" | "excused" | "due" | "open" | "rest";

export interface RoundNow {
  id: string;
  round: DayRound;
  phase: "ahead" | "under_way" | "over";
  looks: StopLook[];
  /** How many of its ways are gone, as the stops that it made prove. */
  gone: number;
  /** Where it goes next; null once it is on its way back. */
  next: number | null;
  /** How long the next stop should be over by now. */
  lateMs: number;
}

/** Who carries a position no older than this is where it says, and on a way within so many metres of it. */
const FRESH_S = 120;
const ON_WAY_M = 40;

export const roundId = (round: DayRound) => `${round.plan_id}:${round.team_id}`;

/** Rounds in the order in which a hall asks for them: those under way first, then those to come, then those over. */
export function roundsNow(rounds: readonly DayRound[], duties: ReadonlyMap<string, Duty>, nowMs: number): RoundNow[] {
  const order = { under_way: 0, ahead: 1, over: 2 };
  return rounds
    .map((round) => roundNow(round, duties, nowMs))
    .sort((a, b) => order[a.phase] - order[b.phase] || a.round.team.localeCompare(b.round.team, "zh"));
}

function roundNow(round: DayRound, duties: ReadonlyMap<string, Duty>, nowMs: number): RoundNow {
  const dutyAt = (stop: DayStop) => duties.get(stop.duty_id ?? "");
  const looks = round.stops.map((stop) => lookOf(stop, dutyAt(stop), nowMs));
  const made = madeAt(round, dutyAt);
  const gone = goneOf(round, dutyAt, made);
  const phase =
    nowMs < Date.parse(round.depart_at) ? "ahead" : nowMs < Date.parse(round.back_at) ? "under_way" : "over";
  const next = round.stops.findIndex(
    (stop, index) => index >= gone && made[index] === null && isAhead(stop, dutyAt(stop), nowMs),
  );
  const stop = next < 0 ? undefined : round.stops[next];
  const lateMs = stop && phase === "under_way" ? Math.max(0, nowMs - Date.parse(stop.leave_at)) : 0;
  return { id: roundId(round), round, phase, looks, gone, next: stop ? next : null, lateMs };
}

function lookOf(stop: DayStop, duty: Duty | undefined, nowMs: number): StopLook {
  if (!duty) return stop.kind === "point" || stop.kind === "street" ? "open" : "rest";
  return duty.state === "open" && Date.parse(duty.window_start) <= nowMs ? "due" : duty.state;
}

/**
 * How many stops, from the first one on, lie behind the team. One that it made does; one that it did not make, once a
 * later one was made when it was due already: before that, the team may have begun elsewhere and still come here.
 */
function goneOf(
  round: DayRound,
  dutyAt: (stop: DayStop) => Duty | undefined,
  made: readonly (number | null)[],
): number {
  let gone = 0;
  for (const [index, stop] of round.stops.entries()) {
    if (made[index] !== null) {
      gone = index + 1;
      continue;
    }
    const later = Math.max(...made.slice(index + 1).map((at) => at ?? 0), 0);
    if (later < (dutyAt(stop) ? Date.parse(stop.at) : 1)) break;
  }
  return gone;
}

/** When each stop was made by one of the team; a second stop for the same duty is proved by nothing. */
function madeAt(round: DayRound, dutyAt: (stop: DayStop) => Duty | undefined): (number | null)[] {
  const credited = new Set<string>();
  return round.stops.map((stop) => {
    const duty = dutyAt(stop);
    if (duty?.state !== "visited" || !duty.visited_at || credited.has(duty.id)) return null;
    credited.add(duty.id);
    return round.persons.includes(duty.visited_by ?? "") ? Date.parse(duty.visited_at) : null;
  });
}

/** A stop is waited for until its duty is settled; one without a duty, or made by others, until its time is over. */
function isAhead(stop: DayStop, duty: Duty | undefined, nowMs: number): boolean {
  if (!duty || duty.state === "visited") return Date.parse(stop.leave_at) > nowMs;
  return duty.state === "open";
}

export interface RoundWays {
  done: LonLat[][];
  left: LonLat[][];
}

/** The ways that are gone and those still to go; on the way that somebody of the team is on, up to where he is. */
export function waysOf(one: RoundNow, units: ReadonlyMap<string, UnitRow>): RoundWays {
  const { round, gone } = one;
  const done = round.ways.slice(0, gone).flat();
  const current = round.ways[gone] ?? [];
  const rest = round.ways.slice(gone + 1).flat();
  // Past a stop that was left out nobody is known to have gone this way.
  const split = one.phase === "under_way" && (one.next ?? round.stops.length) === gone ? onTheWay(one, units) : null;
  if (!split) return { done, left: [...current, ...rest] };
  const { piece, before, after } = split;
  return { done: [...done, ...current.slice(0, piece), before], left: [after, ...current.slice(piece + 1), ...rest] };
}

function onTheWay(one: RoundNow, units: ReadonlyMap<string, UnitRow>) {
  let best: { piece: number; before: LonLat[]; after: LonLat[]; awayM: number } | null = null;
  for (const person of one.round.persons) {
    const unit = units.get(person);
    if (!unit || unit[5] > FRESH_S) continue;
    for (const [piece, line] of (one.round.ways[one.gone] ?? []).entries()) {
      const found = splitAt(line, [unit[1], unit[2]]);
      if (found && found.awayM <= ON_WAY_M && (!best || found.awayM < best.awayM)) best = { piece, ...found };
    }
  }
  return best;
}

/** The round of whom, if he is on one. */
export const roundOf = (rounds: readonly RoundNow[], personId: string) =>
  rounds.find((one) => one.phase !== "over" && one.round.persons.includes(personId));
