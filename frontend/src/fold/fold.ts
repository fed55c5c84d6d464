/** Facts in, state out. Pure: the same facts give the same state on every screen. */
import type { Fact } from "../feed/types.ts";
import { RECENT_KEPT, type State } from "./state.ts";

type Versioned = { id: string; version: number };

function upsert<T extends Versioned>(items: ReadonlyMap<string, T>, item: T | undefined): ReadonlyMap<string, T> {
  if (!item) return items;
  const known = items.get(item.id);
  if (known && known.version > item.version) return items;
  return new Map(items).set(item.id, item);
}

/** A replayed fact changes nothing; an older version never overwrites a newer one. */
export function fold(state: State, fact: Fact): State {
  if (fact.seq <= state.seq) return state;
  const { data } = fact;
  return {
    seq: fact.seq,
    alerts: upsert(state.alerts, data.alert),
    cases: upsert(state.cases, data.case),
    orders: upsert(state.orders, data.order),
    responders: upsert(state.responders, data.responder),
    points: upsert(state.points, data.point),
    lines: upsert(state.lines, data.line),
    duties: upsert(state.duties, data.duty),
    signals: upsert(state.signals, data.signal),
    videoPlans: upsert(state.videoPlans, data.video_plan),
    videoRounds: upsert(state.videoRounds, data.video_round),
    closures: upsert(state.closures, data.closure),
    recent: [fact, ...state.recent].slice(0, RECENT_KEPT),
  };
}

/** Entities answered by a command, folded in before their fact arrives; the fact then finds the same version. */
export function merge(state: State, data: Fact["data"]): State {
  return {
    ...state,
    alerts: upsert(state.alerts, data.alert),
    cases: upsert(state.cases, data.case),
    orders: upsert(state.orders, data.order),
    points: upsert(state.points, data.point),
    lines: upsert(state.lines, data.line),
    duties: upsert(state.duties, data.duty),
    videoPlans: upsert(state.videoPlans, data.video_plan),
    videoRounds: upsert(state.videoRounds, data.video_round),
    closures: upsert(state.closures, data.closure),
  };
}

function keep<T>(items: ReadonlyMap<string, T>, test: (item: T) => boolean): ReadonlyMap<string, T> {
  const kept = new Map([...items].filter(([, item]) => test(item)));
  return kept.size === items.size ? items : kept;
}

/** Forget what closed before `beforeMs`, so that a wall that runs for weeks does not grow. */
export function forget(state: State, beforeMs: number): State {
  const recent = (at: string | null) => at === null || Date.parse(at) >= beforeMs;
  const cases = keep(state.cases, (item) => recent(item.archived_at));
  return {
    ...state,
    cases,
    alerts: keep(state.alerts, (item) => recent(item.closed_at) || (item.case_id !== null && cases.has(item.case_id))),
    orders: keep(state.orders, (item) => cases.has(item.case_id) || recent(item.sent_at)),
    duties: keep(state.duties, (item) => recent(item.window_end)),
    signals: keep(state.signals, (item) => recent(item.ended_at)),
    videoRounds: keep(state.videoRounds, (item) => recent(item.due_until)),
    closures: keep(state.closures, (item) => recent(item.ended_at)),
  };
}
