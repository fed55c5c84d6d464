/** What a screen knows: entities by id, each in its newest version, and the number of the last fact folded in. */
import type {
  Alert,
  Case,
  Closure,
  Duty,
  Fact,
  Line,
  Order,
  Point,
  Responder,
  Signal,
  SnapshotState,
  VideoPlan,
  VideoRound,
} from "../feed/types.ts";

export interface State {
  readonly seq: number;
  readonly alerts: ReadonlyMap<string, Alert>;
  readonly cases: ReadonlyMap<string, Case>;
  readonly orders: ReadonlyMap<string, Order>;
  readonly responders: ReadonlyMap<string, Responder>;
  readonly points: ReadonlyMap<string, Point>;
  readonly lines: ReadonlyMap<string, Line>;
  readonly duties: ReadonlyMap<string, Duty>;
  readonly signals: ReadonlyMap<string, Signal>;
  readonly videoPlans: ReadonlyMap<string, VideoPlan>;
  readonly videoRounds: ReadonlyMap<string, VideoRound>;
  readonly closures: ReadonlyMap<string, Closure>;
  /** Newest first. */
  readonly recent: readonly Fact[];
}

export const RECENT_KEPT = 200;

export const emptyState: State = {
  seq: 0,
  alerts: new Map(),
  cases: new Map(),
  orders: new Map(),
  responders: new Map(),
  points: new Map(),
  lines: new Map(),
  duties: new Map(),
  signals: new Map(),
  videoPlans: new Map(),
  videoRounds: new Map(),
  closures: new Map(),
  recent: [],
};

function byId<T extends { id: string }>(items: readonly T[] | undefined): ReadonlyMap<string, T> {
  return new Map((items ?? []).map((item) => [item.id, item]));
}

/** The state that a snapshot describes. The lines of the ticker stay: they are history, not state. */
export function fromSnapshot(seq: number, state: SnapshotState, recent: readonly Fact[] = []): State {
  return {
    seq,
    alerts: byId(state.alerts),
    cases: byId(state.cases),
    orders: byId(state.orders),
    responders: byId(state.responders),
    points: byId(state.points),
    lines: byId(state.lines),
    duties: byId(state.duties),
    signals: new Map(),
    videoPlans: byId(state.video_plans),
    videoRounds: byId(state.video_rounds),
    closures: byId(state.closures),
    recent,
  };
}
