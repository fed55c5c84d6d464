/** Small whole entities for tests. */
import type { Alert, Case, Duty, Fact, FactData } from "../src/feed/types.ts";

export const NOON = Date.parse("2026-11-22T04:00:00.000Z");
const at = (offsetS = 0) => new Date(NOON + offsetS * 1000).toISOString();

export function makeAlert(over: Partial<Alert> = {}): Alert {
  return {
    id: "a1",
    code: "YJ20261122-001",
    kind: "intrusion",
    level: 2,
    state: "raised",
    place: "镇中心小学",
    area: "320724199001",
    lonlat: [119.3, 34.1],
    camera_id: "32072419901320000873",
    point_id: null,
    duty_id: null,
    happened_at: at(-60),
    received_at: at(-59),
    raised_at: at(-58),
    verify_by: at(242),
    count: 1,
    last_at: at(-58),
    cleared_at: null,
    score: 0.9,
    box: [0.1, 0.2, 0.3, 0.4],
    detail: {},
    taken_by: null,
    taken_at: null,
    closed_by: null,
    closed_at: null,
    reason: null,
    note: null,
    clip: null,
    case_id: null,
    version: 1,
    ...over,
  };
}

export function makeCase(over: Partial<Case> = {}): Case {
  return {
    id: "c1",
    code: "ZZ320724199202611220001",
    query_code: "8K2M4P7R",
    state: "ACCEPTED",
    title: "人员越界",
    category: "02004",
    priority: "P0",
    level: 1,
    text: "",
    asks: false,
    lead: null,
    source: "camera",
    area: "320724199001",
    lonlat: [119.3, 34.1],
    place: "镇中心小学",
    alert_id: "a1",
    opened_at: at(-30),
    opened_by: { id: "u1", name: "王建国" },
    clocks: [],
    cameras: [],
    clips: [],
    order_ids: [],
    answer: null,
    resolved_at: null,
    resolved_by: null,
    callback: null,
    archived_at: null,
    archived_by: null,
    archive_hash: null,
    profile: "hall",
    profile_version: 1,
    version: 1,
    ...over,
  };
}

export function makeDuty(over: Partial<Duty> = {}): Duty {
  return {
    id: "d1",
    point_id: "p1",
    line_id: null,
    area: "320724199001",
    window_start: at(-3600),
    window_end: at(3600),
    state: "open",
    person_id: null,
    visited_by: null,
    visited_at: null,
    dwell_s: 0,
    share: null,
    need_share: null,
    done: null,
    cause: null,
    detail: null,
    case_id: null,
    alert_id: null,
    version: 1,
    ...over,
  };
}

export function makeFact(seq: number, kind: string, data: FactData, id = "a1"): Fact {
  return { seq, prev: seq - 1, kind, id, at: at(seq), by: null, area: "320724199001", data };
}
