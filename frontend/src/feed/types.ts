/**
 * What the server sends: entity views, facts and frames, as written in the API.
 * Times are ISO-8601 UTC strings; places are [lon, lat] in WGS84 degrees; sizes carry their unit in the name.
 */
import type { components } from "./api.gen.ts";

export type LonLat = [lon: number, lat: number];
export type Level = 1 | 2 | 3 | 4;
export type Who = { id: string; name: string };

export type Role =
  | "duty_officer"
  | "shift_head"
  | "dispatcher"
  | "coordinator"
  | "responder"
  | "citizen"
  | "administrator"
  | "wall_display"
  | "intake"
  | "department"
  | "supervisor"
  | "leader";

export interface Me {
  id: string;
  name: string;
  display_name: string;
  role: Role;
  area: string;
  person_id: string | null;
  csrf: string;
  mode?: string;
  verbs: string[];
}

export type QualityKind =
  | "signal_loss"
  | "freeze"
  | "covered"
  | "defocus"
  | "moved"
  | "dark"
  | "bright"
  | "colour_cast"
  | "noise"
  | "stripe"
  | "shake";
export type SceneKind =
  | "motion"
  | "intrusion"
  | "line_cross"
  | "wrong_way"
  | "loitering"
  | "crowd"
  | "left_object"
  | "removed_object"
  | "fire"
  | "smoke";
export type SignalKind = QualityKind | SceneKind;
/** How the stream of a camera is, or else the worst thing that is wrong with its picture. */
export type FeedState = "opening" | "online" | "lost" | "quarantined" | QualityKind;
export type AlertKind =
  | SignalKind
  | "missed_point"
  | "missed_line"
  | "sos"
  | "off_route"
  | "stop_too_long"
  | "no_answer"
  | "fleet_loss"
  | "fleet_quality"
  | `found_${Finding}`;
export type AlertState = "raised" | "taken" | "confirmed" | "dismissed";

/** 是否安全: a question to who is alone on duty. */
export interface Safety {
  id: string;
  person_id: string;
  on_duty: string;
  area: string;
  lonlat: LonLat;
  still_since: string;
  asked_at: string;
  answer_by: string;
  state: "asked" | "answered" | "moved" | "ended" | "unanswered";
  closed_at: string | null;
}

export interface Clip {
  id: string;
  camera_id: string;
  start_at: string;
  end_at: string;
  sha256: string;
  bytes: number;
  saved_at: string;
}

export interface Alert {
  id: string;
  code: string;
  kind: AlertKind;
  level: Level;
  state: AlertState;
  place: string;
  area: string;
  lonlat: LonLat;
  camera_id: string | null;
  point_id: string | null;
  duty_id: string | null;
  happened_at: string;
  received_at: string;
  raised_at: string;
  verify_by: string;
  count: number;
  last_at: string;
  cleared_at: string | null;
  score: number | null;
  /** x, y, width, height as fractions of the picture. */
  box: [number, number, number, number] | null;
  detail: Record<string, unknown>;
  taken_by: Who | null;
  taken_at: string | null;
  closed_by: Who | null;
  closed_at: string | null;
  reason: string | null;
  note: string | null;
  clip: Clip | null;
  case_id: string | null;
  version: number;
}

/** Of the machine, e.g. T-RESOLVE; those of its ladder begin with L-. */
export type ClockName = string;

export interface CaseClock {
  name: ClockName;
  started_at: string;
  due_at: string;
  stopped_at: string | null;
}

export interface CameraLink {
  camera_id: string;
  role: "source" | "linked";
  by: Who | null;
  at: string;
  why: string;
}

export type CaseState =
  | "DRAFT"
  | "SUBMITTED"
  | "VERIFYING"
  | "ACCEPTED"
  | "TRIAGE"
  | "ASSIGNED"
  | "RECEIVED"
  | "HANDLING"
  | "SUSPENDED"
  | "REVIEW"
  | "RESOLVED"
  | "CALLBACK"
  | "RATED"
  | "ARCHIVED"
  | "REJECTED"
  | "FALSE_ALARM"
  | "DUPLICATE"
  | "MERGED"
  | "TRANSFERRED"
  | "WITHDRAWN";
export type Priority = "P0" | "P1" | "P2" | "P3";

export interface Callback {
  rating: 1 | 2 | 3 | 4 | 5;
  solved: boolean;
  note: string;
  by: Who;
  at: string;
}

export interface Case {
  id: string;
  code: string;
  query_code: string;
  state: CaseState;
  title: string;
  category: string;
  priority: Priority;
  level: Level;
  source: string;
  text: string;
  asks: boolean;
  lead: string | null;
  area: string;
  lonlat: LonLat;
  place: string;
  alert_id: string | null;
  opened_at: string;
  opened_by: Who;
  clocks: CaseClock[];
  cameras: CameraLink[];
  clips: Clip[];
  order_ids: string[];
  answer: string | null;
  resolved_at: string | null;
  resolved_by: Who | null;
  callback: Callback | null;
  archived_at: string | null;
  archived_by: Who | null;
  archive_hash: string | null;
  profile: string;
  profile_version: number;
  version: number;
}

export type Reason = { code: string; params: Record<string, string | number> };
export type Force = "POL" | "AUX" | "GRD" | "ENF" | "FIR" | "MED" | "EMR" | "MDT" | "VOL" | "DEP";
export type OrderState = "sent" | "accepted" | "departed" | "arrived" | "reported" | "done" | "declined" | "void";

export interface Order {
  id: string;
  code: string;
  case_id: string;
  person_id: string;
  call_sign: string;
  name: string;
  force: Force;
  text: string;
  state: OrderState;
  sent_at: string;
  sent_by: Who;
  eta_s: number | null;
  distance_m: number | null;
  reasons: Reason[];
  /** The proposed way, when the server keeps it with the order. */
  /** The way over the roads, as it was when the order was sent; empty where it is not known. */
  route: LonLat[];
  accept_by: string;
  arrive_by: string | null;
  accepted_at: string | null;
  departed_at: string | null;
  arrival_proposed_at: string | null;
  arrived_at: string | null;
  arrived_how: "position" | "manual" | null;
  arrived_note: string | null;
  feedback: { at: string; text: string; photo_id: string | null }[];
  done_at: string | null;
  decline_reason: string | null;
  version: number;
}

export type ResponderStatus =
  | "off_duty"
  | "standby"
  | "patrolling"
  | "called"
  | "en_route"
  | "on_scene"
  | "handling"
  | "returning";

export interface Responder {
  id: string;
  name: string;
  call_sign: string;
  force: Force;
  unit_id: string;
  area: string;
  status: ResponderStatus;
  order_id: string | null;
  version: number;
}

export type TimeWindow = { start: string; end: string };

export interface Point {
  id: string;
  name: string;
  kind: string;
  area: string;
  lonlat: LonLat;
  radius_m: number;
  dwell_s: number;
  /** Local times of day, HH:MM:SS. */
  windows: TimeWindow[];
  person_id: string | null;
  /** Whether nobody but that person counts. */
  assigned_only: boolean;
  active: boolean;
  version: number;
}

export type DutyCause = "not_visited" | "device_silent" | "poor_gps" | "suspect" | "called_away";
export type DutyState = "open" | "visited" | "missed" | "excused";

/** 必巡线路: a street that must be walked. */
export interface Line {
  id: string;
  name: string;
  area: string;
  line: LonLat[];
  length_m: number;
  both_sides: boolean;
  need_share: number;
  windows: TimeWindow[];
  person_id: string | null;
  unit_id: string | null;
  assigned_only: boolean;
  active: boolean;
  version: number;
}

export interface Duty {
  id: string;
  point_id: string | null;
  line_id: string | null;
  area: string;
  window_start: string;
  window_end: string;
  state: DutyState;
  person_id: string | null;
  visited_by: string | null;
  visited_at: string | null;
  dwell_s: number;
  /** Part of a line that is proved, 0 to 1; `done` are the proved parts as [from, to] of its length. */
  share: number | null;
  need_share: number | null;
  done: [number, number][] | null;
  cause: DutyCause | null;
  detail: Record<string, unknown> | null;
  case_id: string | null;
  alert_id: string | null;
  version: number;
}

export interface Signal {
  id: string;
  camera_id: string;
  kind: string;
  started_at: string;
  ended_at: string | null;
  score: number;
  box: [number, number, number, number] | null;
  detail: Record<string, unknown>;
  version: number;
}

/** What a watcher may find in a picture; each becomes an alert `found_…`. */
export type Finding = "fire" | "fight" | "crowd" | "fall" | "trespass" | "suspicious" | "hazard" | "order" | "other";

/** 巡查方案: cameras looked through every so many minutes within windows of the day. */
export interface VideoPlan {
  id: string;
  name: string;
  area: string;
  cameras: string[];
  windows: TimeWindow[];
  every_min: number;
  at_once: 1 | 4 | 9;
  show_s: number;
  active: boolean;
  version: number;
}

export interface VideoRound {
  id: string;
  plan_id: string;
  area: string;
  due_from: string;
  due_until: string;
  cameras: string[];
  state: "open" | "running" | "done" | "missed";
  watcher: Who | null;
  begun_at: string | null;
  ended_at: string | null;
  seen: number;
  findings: number;
  blind: number;
  version: number;
}

export interface VideoMark {
  id: string;
  round_id: string;
  camera_id: string;
  at: string;
  result: "normal" | "finding" | "blind";
  finding: Finding | null;
  note: string;
  looked_s: number;
  by: Who;
}

/** Why a device is not believed. */
export type DeviceFlag = "mock" | "impossible_speed" | "frozen" | "cloned" | "apart";

/** How a device is: `silent` is a sleeping phone, not an absent person. */
export interface DeviceState {
  id: string;
  kind: "http" | "osmand" | "jt808" | "mqtt" | "page";
  name: string;
  area: string;
  person_id: string | null;
  state: "live" | "no_fix" | "silent" | "never";
  last_seen_at: string | null;
  last_fix_at: string | null;
  battery: number | null;
  charging: boolean | null;
  signal: number | null;
  satellites: number | null;
  suspicions: { reason: DeviceFlag; since: string }[];
}

/** A registered device, or a user's own phone page, as the list of devices has it. */
export interface Device extends DeviceState {
  external_id: string | null;
  datum: string | null;
  secret_required: boolean | null;
  active: boolean;
  created_at: string | null;
}

/** Somebody pressed the alarm of a device. */
export interface Sos {
  id: string;
  device_id: string;
  device_name: string;
  person_id: string | null;
  area: string;
  at: string;
  located: boolean;
}

/** Entity views after the change; a screen folds by upserting each of them. */
export interface FactData {
  alert?: Alert;
  case?: Case;
  /** A case that screens do not follow live. */
  matter?: Case;
  order?: Order;
  responder?: Responder;
  point?: Point;
  line?: Line;
  duty?: Duty;
  signal?: Signal;
  video_plan?: VideoPlan;
  video_round?: VideoRound;
  video_mark?: VideoMark;
  closure?: Closure;
  way?: { name: Record<string, string> };
  party?: PartyTold;
  sos?: Sos;
  device?: DeviceState;
  /** Why a device is suspected or trusted again. */
  reason?: DeviceFlag;
  plan?: { id: string; day: string; state: string };
  note?: unknown;
}

export interface Fact {
  seq: number;
  prev: number;
  kind: string;
  id: string;
  at: string;
  by: Who | null;
  area: string;
  data: FactData;
}

export interface SnapshotState {
  alerts: Alert[];
  cases: Case[];
  orders: Order[];
  responders: Responder[];
  points: Point[];
  lines?: Line[];
  duties: Duty[];
  video_plans?: VideoPlan[];
  video_rounds?: VideoRound[];
  closures?: Closure[];
  /** The newest facts, newest first, for the ticker of a page that has just been opened. */
  recent?: Fact[];
}

export type UnitRow = [
  personId: string,
  lon: number,
  lat: number,
  headingDeg: number | null,
  speedMps: number | null,
  ageS: number,
];

export interface PositionsFrame {
  type: "positions";
  now: string;
  dropped: number;
  units: UnitRow[];
}

/** How the fleet is watched; ages are seconds since a camera was last looked at. */
export interface FeedFigures {
  total: number;
  online: number;
  watched: number;
  age_p50_s?: number | null;
  age_p99_s: number | null;
  age_worst_s?: number | null;
  /** Key frames that nobody looked at since the start. */
  skipped?: number;
  /** Seconds within which every camera is looked at; more than the promised ones when there is too much to do. */
  promise_s?: number | null;
  stretched_s?: number | null;
}

export interface HealthFrame {
  type: "health";
  feeds: FeedFigures;
  cameras: Record<string, string>;
  notes: { code: string; params: Record<string, string | number> }[];
  rejected?: Record<string, number>;
}

export interface Seats {
  total: number;
  in_step: number;
  lag_s: number;
  behind: { seat: string; lag_s: number }[];
}

export interface BeatFrame {
  type: "beat";
  seq: number;
  digest: string | null;
  now: string;
  seats: Seats;
}

export interface SnapshotFrame {
  type: "snapshot";
  seq: number;
  digest: string;
  state: SnapshotState;
}

export interface Camera {
  id: string;
  number: string;
  name: string;
  lonlat: LonLat;
  heading_deg: number;
  fov_deg: number;
  range_m: number;
  area: string;
  place: string;
  kind: string;
  has_feed: boolean;
}

export interface Person {
  id: string;
  name: string;
  call_sign: string;
  force: Force;
  unit_id: string;
  area: string;
}

export interface Category {
  code: string;
  field: string;
  name: string;
  priority: Priority;
  accept: string;
  arrive: string;
  resolve: string;
  lead: string;
  support: string;
}

export interface Center {
  code: string;
  name: string;
  model: boolean;
  county: string;
}

/** What is drawn under the town: vector tiles of our own, or pictures of the customer's tile service. */
export interface Basemap {
  kind: "vector" | "pictures";
  version: string;
  min_zoom: number;
  max_zoom: number;
  attribution: string;
  tone: "" | "light" | "dark" | "photo";
}

export interface Town {
  basemap?: Basemap | null;
  center: Center;
  bounds: [w: number, s: number, e: number, n: number];
  outline: GeoJSON.Polygon | GeoJSON.MultiPolygon;
  villages: GeoJSON.FeatureCollection;
  grids: GeoJSON.FeatureCollection;
  roads: GeoJSON.FeatureCollection;
  water: GeoJSON.FeatureCollection;
  places: { id: string; name: string; kind: string; lonlat: LonLat; area: string }[];
  units: { id: string; name: string; kind: string }[];
  cameras: Camera[];
  persons: Person[];
  categories: Category[];
}

export interface Candidate {
  person: Person;
  eta_s: number;
  distance_m: number;
  position_age_s: number | null;
  reasons: Reason[];
  route: LonLat[];
}

export interface Candidates {
  computed_at: string;
  candidates: Candidate[];
  not_offered: { person_id: string; call_sign: string; reasons: Reason[] }[];
}

export interface NearCamera {
  camera: Camera;
  distance_m: number;
  sees: boolean;
  bearing_off_deg: number;
}

/** A fact as listed in the timeline of one case. */
export type CaseFact = Pick<Fact, "seq" | "kind" | "id" | "at" | "by"> & { data?: FactData };

export interface OwnOrders {
  orders: Order[];
  cases: Case[];
  responder: Responder | null;
}

export interface CaseDetail {
  case: Case;
  alert: Alert | null;
  orders: Order[];
  facts: CaseFact[];
}

export interface ProofPosition {
  at: string;
  lon: number;
  lat: number;
}

/** One line of the ledger of a duty. */
export interface Judgement {
  duty_id: string;
  version: number;
  state: DutyState;
  visited_by: string | null;
  visited_at: string | null;
  dwell_s: number;
  share: number | null;
  cause: DutyCause | null;
  case_id: string | null;
  detail: Record<string, unknown> | null;
  judged_at: string;
  evidence_until: string | null;
  reason: "proved" | "window_over" | "late_positions" | "plan";
  late: Record<string, number>;
}

export interface DutyDetail {
  duty: Duty;
  point: Point | null;
  line: Line | null;
  positions: ProofPosition[];
}

export interface PublicCase {
  code: string;
  state: CaseState;
  opened_at: string;
  steps: { state: CaseState; at: string }[];
  answer: string | null;
  asks_rating: boolean;
}

export type ZoneKind =
  | "intrusion"
  | "line_cross"
  | "wrong_way"
  | "loitering"
  | "crowd"
  | "left_object"
  | "removed_object"
  | "ignore";
export type Corner = [x: number, y: number];
export type HoursSpan = [start: string, end: string];

/** A part of a picture that is watched; corners in fractions of the picture, degrees clockwise from up. */
export interface Zone {
  name: string;
  kind: ZoneKind;
  polygon: Corner[];
  direction_deg: number | null;
  limit: number | null;
  hours: HoursSpan[];
}

export interface Watch {
  camera_id: string;
  zones: Zone[];
  sensitivity: number;
  detectors: SignalKind[] | null;
  pinned: boolean;
  busy_hours: HoursSpan[];
  confirm: boolean;
  retention_days: number | null;
  edited: boolean;
}

export interface WatchAnswer {
  watch: Watch;
  state: string;
  may_adjust: boolean;
  kinds: string[];
}

export interface WatchItem {
  camera_id: string;
  number: string;
  name: string;
  area: string;
  state: string;
  since: string | null;
  pinned: boolean;
  edited: boolean;
  zones: number;
  sensitivity: number;
}

export interface CameraSignal {
  id: string;
  camera_id: string;
  area: string;
  kind: string;
  started_at: string;
  ended_at: string | null;
  score: number;
  box: number[] | null;
  detail: Record<string, unknown>;
  version: number;
}

export interface WatchedHour {
  hour: string;
  online_s: number;
  lost_s: number;
  trouble_s: number;
  looks: number;
  age_worst_s: number;
}

export interface CameraHealth {
  since: string;
  until: string;
  state: string;
  signals: CameraSignal[];
  hours: WatchedHour[];
}

export interface LearnedHours {
  kind: string;
  name: string;
  unit: string;
  usual: (number | null)[];
  spread: (number | null)[];
  known: number;
}

export interface CameraLearned {
  saved_at: string | null;
  learned: {
    hours: LearnedHours[];
    figures: { kind: string; name: string; value: number }[];
    blind: Record<string, string>;
  };
}

/** Something that would be told at sensitivity `needs` and above. */
export interface PreviewCandidate {
  kind: string;
  started_at: string;
  ended_at: string;
  needs: number;
  score: number;
  box: number[] | null;
  zone: string;
  possible: boolean;
}

export interface Preview {
  since: string;
  until: string;
  traces: number;
  fires: number;
  fires_stored: number;
  candidates: PreviewCandidate[];
}

/** A lower sensitivity that false alarms of two weeks speak for; a person decides. */
export interface Proposal {
  id: string;
  camera_id: string;
  area: string;
  kind: string;
  sensitivity: number;
  proposed: number;
  dismissed: number;
  confirmed: number;
  made_at: string;
  state: string;
  decided_by: Who | null;
  decided_at: string | null;
}

type Server = components["schemas"];
export type Party = Server["PartyView"];
export type PartyField = Party["filled"][number];
export type PartyDraft = Server["NewParty"];
export type PartyChange = Server["PartyChange"];
export type Revealed = Server["Revealed"];
export type CallerCases = Server["CallerView"];
export type KnownCaller = Server["KnownCaller"];
/** A party as the log tells of it: masked for everybody. */
export type PartyTold = Pick<Party, "id" | "case_id" | "name" | "phone" | "id_number" | "sheltered" | "version"> & {
  role: string;
};
export type ImportWish = Required<Server["WishBody"]>;
export type ImportUpload = Server["UploadView"];
export type ImportLook = Server["LookView"];
export type ImportDone = Server["ImportView"];
export type GridFault = Server["FaultView"];
/** A dry run; its layer is GeoJSON. */
export interface ImportTrial extends Omit<Server["ImportPlanView"], "layer" | "counts"> {
  layer: GeoJSON.FeatureCollection;
  counts: Record<"new" | "changed" | "unchanged" | "left" | "removed" | "bad", number>;
}

export type Addresses = Server["AddressView"];
export type FoundAddress = Server["AddressCandidate"];
export type AddressReason = Server["AddressReason"];

export type Closure = Server["ClosureView"];
export type ClosurePreview = Server["ClosurePreview"];
export type ClosureDraft = Required<Server["NewClosure"]>;
export type ClosureDrawing = Server["DrawingBody"];
export type ClosureReason = Closure["reason"];
export type Profile = Closure["profiles"][number];
/** What all who are free reach together; areas are GeoJSON. */
export interface ForceRings extends Omit<Server["ForceRings"], "rings"> {
  rings: (Omit<Server["ForceRingView"], "area"> & { area: GeoJSON.Polygon | GeoJSON.MultiPolygon })[];
}
