/** What the map is to show, derived from the state; plain values, so that drawing knows nothing of facts. */
import type {
  Alert,
  Camera,
  Case,
  Closure,
  Level,
  LonLat,
  Person,
  Point,
  ResponderStatus,
  UnitRow,
} from "../feed/types.ts";
import { isOpen } from "../fold/clocks.ts";
import { middleOf } from "../fold/closures.ts";
import { lineLooks, type PointLook, pointLooks } from "../fold/figures.ts";
import { partOf } from "../fold/lines.ts";
import { isPending } from "../fold/lists.ts";
import type { State } from "../fold/state.ts";

export type Pick = { kind: "alert" | "case" | "point" | "line" | "unit" | "camera" | "closure" | "round"; id: string };

export interface Mark {
  pick: Pick;
  lonlat: LonLat;
  level: Level;
  title: string;
  note: string;
  pulsing: boolean;
  selected: boolean;
}

export interface PointMark {
  pick: Pick;
  lonlat: LonLat;
  look: PointLook;
  title: string;
  selected: boolean;
}

export interface LineMark {
  pick: Pick;
  line: LonLat[];
  /** Where its sign stands. */
  middle: LonLat;
  /** The proved parts. */
  done: LonLat[][];
  look: PointLook;
  title: string;
  selected: boolean;
}

export interface UnitMark {
  id: string;
  lonlat: LonLat;
  headingDeg: number | null;
  label: string;
  look: "calm" | "patrol" | "busy" | "stale";
}

export interface ClosureMark {
  id: string;
  /** Where its sign stands. */
  lonlat: LonLat;
  shape: Closure["shape"];
  corners: LonLat[];
  /** The closed parts of roads. */
  lines: LonLat[][];
  title: string;
  note: string;
  selected: boolean;
}

/** What is reached within so many minutes: polygons, each with its holes. */
export interface RingMark {
  minutes: number;
  polygons: LonLat[][][];
}

/** A team's round: ways that are gone and ways to go, and where the chosen one goes next. */
export interface RoundMark {
  id: string;
  done: LonLat[][];
  left: LonLat[][];
  selected: boolean;
  /** Another one is chosen. */
  pale: boolean;
  next: { lonlat: LonLat; title: string; note: string } | null;
}

/** A closure that is being drawn, and the parts of roads that it would close. */
export interface Drawn {
  shape: Closure["shape"];
  corners: LonLat[];
  closes: LonLat[][];
}

export interface Scene {
  marks: Mark[];
  points: PointMark[];
  lines: LineMark[];
  units: UnitMark[];
  routes: LonLat[][];
  faults: LonLat[];
  /** Cameras whose field of view is drawn. */
  cones: Camera[];
  /** Places that prove a visit, and a place about to become a point. */
  proof: LonLat[];
  draft: { lonlat: LonLat; radius_m: number } | null;
  /** A line that is being drawn. */
  draftLine: LonLat[];
  closures: ClosureMark[];
  rings: RingMark[];
  drawn: Drawn | null;
  rounds: RoundMark[];
}

export const emptyScene: Scene = {
  marks: [],
  points: [],
  lines: [],
  units: [],
  routes: [],
  faults: [],
  cones: [],
  proof: [],
  draft: null,
  draftLine: [],
  closures: [],
  rings: [],
  drawn: null,
  rounds: [],
};

export interface Words {
  alertTitle(alert: Alert): string;
  alertNote(alert: Alert): string;
  caseNote(item: Case): string;
  closureTitle(closure: Closure): string;
  closureNote(closure: Closure): string;
}

export function marksOf(state: State, words: Words, selectedId: string | null): Mark[] {
  const marks: Mark[] = [];
  for (const item of state.cases.values()) {
    if (!isOpen(item) && item.id !== selectedId) continue;
    marks.push({
      pick: { kind: "case", id: item.id },
      lonlat: item.lonlat,
      level: item.level,
      title: item.title,
      note: words.caseNote(item),
      pulsing: false,
      selected: item.id === selectedId,
    });
  }
  for (const alert of state.alerts.values()) {
    if (!isPending(alert)) continue;
    marks.push({
      pick: { kind: "alert", id: alert.id },
      lonlat: alert.lonlat,
      level: alert.level,
      title: words.alertTitle(alert),
      note: words.alertNote(alert),
      pulsing: alert.state === "raised",
      selected: alert.id === selectedId,
    });
  }
  return marks.sort((a, b) => b.level - a.level || Number(a.selected) - Number(b.selected));
}

export function pointsOf(state: State, nowMs: number, selectedId: string | null): PointMark[] {
  const looks = pointLooks(state, nowMs);
  return [...state.points.values()]
    .filter((point: Point) => point.active)
    .map((point) => ({
      pick: { kind: "point", id: point.id },
      lonlat: point.lonlat,
      look: looks.get(point.id) ?? "none",
      title: point.name,
      selected: point.id === selectedId,
    }));
}

export function linesOf(state: State, nowMs: number, selectedId: string | null): LineMark[] {
  const looks = lineLooks(state, nowMs);
  return [...state.lines.values()]
    .filter((line) => line.active)
    .map((line) => ({
      pick: { kind: "line", id: line.id },
      line: line.line,
      middle: middleOf(line.line, false),
      done: (looks.get(line.id)?.done ?? []).map(([from, to]) => partOf(line.line, from, to)),
      look: looks.get(line.id)?.look ?? "none",
      title: line.name,
      selected: line.id === selectedId,
    }));
}

const BUSY = new Set<ResponderStatus>(["called", "en_route", "on_scene", "handling"]);

export function unitsOf(
  state: State,
  units: ReadonlyMap<string, UnitRow>,
  persons: ReadonlyMap<string, Person>,
  staleS: number,
): UnitMark[] {
  const marks: UnitMark[] = [];
  for (const [id, lon, lat, headingDeg, , ageS] of units.values()) {
    const responder = state.responders.get(id);
    if (responder?.status === "off_duty") continue;
    const label = responder?.call_sign ?? persons.get(id)?.call_sign ?? "";
    const busy = responder !== undefined && BUSY.has(responder.status);
    const look = ageS > staleS ? "stale" : busy ? "busy" : responder?.status === "patrolling" ? "patrol" : "calm";
    marks.push({ id, lonlat: [lon, lat], headingDeg, label, look });
  }
  return marks;
}

/** From each responder on the way to the place: the proposed road when known, else the straight line. */
export function routesOf(state: State, units: ReadonlyMap<string, UnitRow>): LonLat[][] {
  const routes: LonLat[][] = [];
  for (const order of state.orders.values()) {
    if (!["sent", "accepted", "departed"].includes(order.state)) continue;
    const target = state.cases.get(order.case_id)?.lonlat;
    const unit = units.get(order.person_id);
    if (order.route.length > 1) routes.push(order.route);
    else if (target && unit) routes.push([[unit[1], unit[2]], target]);
  }
  return routes;
}

export function closureMarks(closures: readonly Closure[], words: Words, selectedId: string | null): ClosureMark[] {
  return closures.map((one) => ({
    id: one.id,
    lonlat: middleOf(one.corners, one.shape === "area"),
    shape: one.shape,
    corners: one.corners,
    lines: one.lines,
    title: words.closureTitle(one),
    note: words.closureNote(one),
    selected: one.id === selectedId,
  }));
}
