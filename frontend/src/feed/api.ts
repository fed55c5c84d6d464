/**
 * Requests to the server. Every command carries the CSRF token and a key of its own, so that sending it again after
 * a broken line does nothing twice; errors arrive in the reader's language.
 */
import type { DayReport, DayRound, TracksOfDay } from "../day/types.ts";
import type { Asked as AskedFigures, Behind, Choice as FigureChoice, Figures } from "../figures/types.ts";
import type { Found, Kept } from "../finding/types.ts";
import type { Need, OwnRound, PlanDetail, PlanMove, PlanProgress, PlanView, PlanWays, Team } from "../plan/types.ts";
import type { Looked, Machine, Table, WayDetail, WayLine, WayView } from "../ways/types.ts";
import type {
  Counter,
  Handover,
  Hints,
  Mode,
  NewHandover,
  NewMatter,
  QueueName,
  QueueView,
  Said,
  Working,
} from "../work/types.ts";
import type {
  Addresses,
  Alert,
  CallerCases,
  CameraHealth,
  CameraLearned,
  Candidates,
  Case,
  CaseDetail,
  Center,
  Closure,
  ClosureDraft,
  ClosureDrawing,
  ClosurePreview,
  Device,
  Duty,
  DutyDetail,
  ForceRings,
  GridFault,
  ImportDone,
  ImportLook,
  ImportTrial,
  ImportUpload,
  ImportWish,
  Judgement,
  KnownCaller,
  Line,
  LonLat,
  Me,
  NearCamera,
  Order,
  OwnOrders,
  Party,
  PartyChange,
  PartyDraft,
  PartyField,
  Point,
  Preview,
  Proposal,
  PublicCase,
  Revealed,
  Safety,
  SignalKind,
  TimeWindow,
  Town,
  VideoMark,
  VideoPlan,
  VideoRound,
  Watch,
  WatchAnswer,
  WatchItem,
  Zone,
} from "./types.ts";

const BASE = "/api/v1";

/** A refusal the server explains, or a line that is down (`status` 0). */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

interface Context {
  csrf: string;
  language: string;
  onSignedOut(): void;
}

const context: Context = { csrf: "", language: "zh", onSignedOut: () => undefined };

/** Set what every request carries: the session's token, the reader's language, and whom to tell when signed out. */
export function configureApi(change: Partial<Context>): void {
  Object.assign(context, change);
}

/** 128 random bits in hex. `crypto.randomUUID` is missing on pages served over plain http. */
export function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function refusal(response: Response): Promise<ApiError> {
  const body = (await response.json().catch(() => ({}))) as { error?: string; detail?: unknown };
  const detail = typeof body.detail === "string" ? body.detail : `${response.status} ${response.statusText}`;
  return new ApiError(response.status, body.error ?? String(response.status), detail);
}

async function request<T>(method: string, path: string, init: RequestInit = {}): Promise<T> {
  const headers = new Headers(init.headers);
  headers.set("Accept-Language", context.language);
  headers.set("Accept", "application/json");
  if (method !== "GET" && context.csrf) headers.set("X-CSRF-Token", context.csrf);
  let response: Response;
  try {
    response = await fetch(BASE + path, { ...init, method, headers, credentials: "same-origin" });
  } catch {
    throw new ApiError(0, "Offline", "");
  }
  if (!response.ok) {
    const error = await refusal(response);
    if (error.status === 401 && path !== "/session") context.onSignedOut();
    throw error;
  }
  return (response.status === 204 ? undefined : await response.json()) as T;
}

const get = <T>(path: string) => request<T>("GET", path);

const pause = (ms: number) => new Promise<void>((done) => setTimeout(done, ms));

/** Send a command; when the line breaks it is sent again under the same key, three times at most. */
async function command<T>(method: string, path: string, body?: unknown): Promise<T> {
  const headers: Record<string, string> = { "Idempotency-Key": newKey() };
  const form = body instanceof FormData;
  if (!form && body !== undefined) headers["Content-Type"] = "application/json";
  const init = { headers, body: form ? body : body === undefined ? undefined : JSON.stringify(body) };
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await request<T>(method, path, init);
    } catch (error) {
      const broken = error instanceof ApiError && error.status === 0;
      if (!broken || attempt === 2) throw error;
      await pause(400 * 2 ** attempt);
    }
  }
}

const post = <T>(path: string, body?: unknown) => command<T>("POST", path, body);
const part = encodeURIComponent;
/** The question part of an address, of what is given. */
function questions(asked: Record<string, string | number | undefined>): string {
  const given = Object.entries(asked).filter((one): one is [string, string | number] => one[1] !== undefined);
  return given.length === 0 ? "" : `?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}`;
}
const json = (body: unknown): RequestInit => ({
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify(body),
});

export interface PointDraft {
  name: string;
  kind: string;
  lonlat: LonLat;
  radius_m: number;
  dwell_s: number;
  windows: TimeWindow[];
  person_id: string | null;
  active?: boolean;
}

export type VideoPlanDraft = Pick<VideoPlan, "name" | "cameras" | "windows" | "every_min" | "at_once" | "show_s">;

export type MarkDraft = Pick<VideoMark, "camera_id" | "result" | "looked_s" | "finding" | "note">;
export interface LineDraft {
  name: string;
  line: LonLat[];
  windows: TimeWindow[];
  both_sides: boolean;
  need_share: number;
  person_id: string | null;
  assigned_only: boolean;
}

export const api = {
  signIn: (name: string, password: string) => post<Me>("/session", { name, password }),
  me: () => get<Me>("/session"),
  signOut: () => command<void>("DELETE", "/session"),
  town: () => get<Town>("/town"),
  center: () => get<Center>("/center"),

  alert: (id: string) => get<Alert>(`/alerts/${part(id)}`),
  takeAlert: (id: string) => post<Alert>(`/alerts/${part(id)}/take`),
  confirmAlert: (id: string, body: { category: string; title?: string; note?: string }) =>
    post<Case>(`/alerts/${part(id)}/confirm`, body),
  dismissAlert: (id: string, body: { reason: string; note: string }) =>
    post<Alert>(`/alerts/${part(id)}/dismiss`, body),

  cases: (state: string, query: string) => get<Case[]>(`/cases?state=${part(state)}&q=${part(query)}`),
  caseDetail: (id: string) => get<CaseDetail>(`/cases/${part(id)}`),
  candidates: (id: string, limit = 3) => get<Candidates>(`/cases/${part(id)}/candidates?limit=${limit}`),
  dispatch: (id: string, personIds: string[], text: string) =>
    post<{ case: Case; orders: Order[] }>(`/cases/${part(id)}/dispatch`, { person_ids: personIds, text }),
  resolve: (id: string, answer: string) => post<Case>(`/cases/${part(id)}/resolve`, { answer }),
  callBack: (id: string, body: { rating: number; solved: boolean; note: string }) =>
    post<Case>(`/cases/${part(id)}/call-back`, body),
  archive: (id: string) => post<Case>(`/cases/${part(id)}/archive`),
  queue: (name: QueueName, query: string) => get<QueueView>(`/cases/queue?name=${part(name)}&q=${part(query)}`),
  queueCounts: () => get<Record<string, number>>("/cases/queue/counts"),
  found: (query: string, before: number | null) =>
    get<Found>(`/cases/found?${query}${before === null ? "" : `&before=${before}`}`),
  keptWishes: () => get<Kept[]>("/cases/found/kept"),
  keepWish: (name: string, wish: object) => command<Kept>("PUT", "/cases/found/kept", { name, wish }),
  forgetWish: (id: string) => command<void>("DELETE", `/cases/found/kept/${part(id)}`),
  work: (id: string) => get<Working>(`/cases/${part(id)}/work`),
  step: (id: string, action: string, said: Said) => post<Case>(`/cases/${part(id)}/steps`, { action, said }),
  decide: (id: string, approval: string, yes: boolean, note: string) =>
    post<Case>(`/cases/${part(id)}/approvals/${part(approval)}`, { yes, note }),
  takeBack: (id: string, approval: string) => post<Case>(`/cases/${part(id)}/approvals/${part(approval)}/take-back`),
  casePhoto: (id: string, photo: File) => {
    const form = new FormData();
    form.set("photo", photo, photo.name);
    return post<{ id: string }>(`/cases/${part(id)}/photos`, form);
  },
  counter: () => get<Counter>("/intake"),
  intakeHints: (words: { text: string; category: string | null; lonlat: LonLat | null }) =>
    request<Hints>("POST", "/intake/hints", json(words)),
  takeDown: (matter: NewMatter) => post<Case>("/intake/cases", matter),
  handOver: (incident: NewHandover) => post<Handover>("/handovers", incident),
  handovers: () => get<Handover[]>("/handovers"),
  mode: () => get<Mode>("/mode"),
  setMode: (war: boolean, reason: string) => command<Mode>("PUT", "/mode", { war, reason }),
  setDoors: (ways: Record<string, string>) => command<Record<string, string>>("PUT", "/intake/ways", { ways }),
  ways: () => get<WayLine[]>("/ways"),
  waysMachine: () => get<Machine>("/ways/machine"),
  wayOfWorking: (id: string) => get<WayDetail>(`/ways/${part(id)}`),
  lookWay: (table: Table) => request<Looked>("POST", "/ways/look", json({ table })),
  writeWay: (id: string, table: Table, version: number) =>
    command<WayView>("PUT", `/ways/${part(id)}`, { table, version }),
  dropWayDraft: (id: string, version: number) =>
    command<WayView>("DELETE", `/ways/${part(id)}/draft?version=${version}`),
  publishWay: (id: string, version: number) => post<WayView>(`/ways/${part(id)}/publish`, { version }),
  withdrawWay: (id: string, version: number) => post<WayView>(`/ways/${part(id)}/withdraw`, { version }),
  restoreWay: (id: string, version: number) => post<WayView>(`/ways/${part(id)}/restore`, { version }),

  nearCameras: (id: string) => get<NearCamera[]>(`/cases/${part(id)}/cameras/near`),
  linkCamera: (id: string, cameraId: string, why: string) =>
    post<Case>(`/cases/${part(id)}/cameras`, { camera_id: cameraId, why }),
  ratePublic: (code: string, body: { rating: number; solved: boolean; note: string }) =>
    post<PublicCase>(`/public/cases/${part(code)}/rating`, body),
  parties: (id: string) => get<Party[]>(`/cases/${part(id)}/parties`),
  addParty: (id: string, draft: PartyDraft) => post<Party>(`/cases/${part(id)}/parties`, draft),
  changeParty: (id: string, partyId: string, change: PartyChange) =>
    command<Party>("PATCH", `/cases/${part(id)}/parties/${part(partyId)}`, change),
  /** Not sent again by itself: every asking is one line of the audit. */
  revealParty: (id: string, partyId: string, field: PartyField, purpose: string) =>
    request<Revealed>("POST", `/cases/${part(id)}/parties/${part(partyId)}/reveal`, json({ field, purpose })),
  earlierCases: (id: string, partyId: string) =>
    get<CallerCases>(`/cases/${part(id)}/parties/${part(partyId)}/earlier`),
  knownCaller: (phone: string, category: string) => request<KnownCaller>("POST", "/callers", json({ phone, category })),
  publicCase: (code: string) => get<PublicCase>(`/public/cases/${part(code)}`),

  myOrders: () => get<OwnOrders>("/orders/mine"),
  order: (id: string, verb: "accept" | "depart" | "arrive" | "decline" | "done", body: object = {}) =>
    post<Order>(`/orders/${part(id)}/${verb}`, body),
  feedback: (id: string, text: string, photo: File | null) => {
    const form = new FormData();
    form.set("text", text);
    if (photo) form.set("photo", photo, photo.name);
    return post<Order>(`/orders/${part(id)}/feedback`, form);
  },

  watches: () => get<WatchItem[]>("/cameras/watch"),
  watch: (cameraId: string) => get<WatchAnswer>(`/cameras/${part(cameraId)}/watch`),
  setWatch: (cameraId: string, body: Omit<Watch, "camera_id" | "edited">) =>
    command<WatchAnswer>("PUT", `/cameras/${part(cameraId)}/watch`, body),
  cameraHealth: (cameraId: string, since: string) =>
    get<CameraHealth>(`/cameras/${part(cameraId)}/health?since=${part(since)}`),
  cameraLearned: (cameraId: string) => get<CameraLearned>(`/cameras/${part(cameraId)}/learned`),
  preview: (cameraId: string, body: { zones: Zone[]; sensitivity: number; detectors: SignalKind[] | null }) =>
    post<Preview>(`/cameras/${part(cameraId)}/preview`, body),

  proposals: () => get<Proposal[]>("/alerts/proposals"),
  decideProposal: (id: string, verb: "accept" | "refuse") => post<Proposal>(`/alerts/proposals/${part(id)}/${verb}`),

  points: () => get<Point[]>("/patrol/points"),
  addPoint: (draft: PointDraft) => post<Point>("/patrol/points", draft),
  changePoint: (id: string, change: Partial<PointDraft> & { version: number }) =>
    command<Point>("PATCH", `/patrol/points/${part(id)}`, change),
  lines: () => get<Line[]>("/patrol/lines"),
  addLine: (draft: LineDraft) => post<Line>("/patrol/lines", draft),
  changeLine: (id: string, change: Partial<LineDraft> & { version: number; active?: boolean }) =>
    command<Line>("PATCH", `/patrol/lines/${part(id)}`, change),
  way: (start: LonLat, end: LonLat) => post<{ line: LonLat[]; length_m: number }>("/patrol/lines/way", { start, end }),
  judgements: (dutyId: string) => get<Judgement[]>(`/patrol/duties/${part(dutyId)}/judgements`),
  sos: (lonlat: LonLat | null, at: string) => post<{ at: string }>("/sos", { lonlat, at }),
  ownSafety: () => get<Safety[]>("/safety/mine"),
  answerSafety: (id: string) => post<Safety>(`/safety/${part(id)}/answer`, {}),
  duties: (date: string) => get<Duty[]>(`/patrol/duties?date=${part(date)}`),
  duty: (id: string) => get<DutyDetail>(`/patrol/duties/${part(id)}`),

  patrolDay: (date: string) => get<DayReport>(`/patrol/days/${part(date)}`),
  figures: (asked: AskedFigures) => get<Figures>(`/cases/figures${questions({ ...asked })}`),
  figureCases: ({ name, side, part: by, key }: FigureChoice, asked: AskedFigures, limit: number, skip: number) =>
    get<Behind>(`/cases/figures/${part(name)}/cases${questions({ ...asked, side, part: by, key, limit, skip })}`),
  dayRounds: (date: string) => get<DayRound[]>(`/patrol/days/${part(date)}/rounds`),
  dayTracks: (date: string, from: string, until: string) =>
    get<TracksOfDay>(`/patrol/days/${part(date)}/tracks?from=${part(from)}&until=${part(until)}`),

  videoPlans: () => get<VideoPlan[]>("/patrol/video/plans"),
  addVideoPlan: (draft: VideoPlanDraft) => post<VideoPlan>("/patrol/video/plans", draft),
  changeVideoPlan: (id: string, change: Partial<VideoPlanDraft> & { version: number; active?: boolean }) =>
    command<VideoPlan>("PATCH", `/patrol/video/plans/${part(id)}`, change),
  videoRound: (id: string) =>
    get<{ round: VideoRound; plan: VideoPlan; marks: VideoMark[] }>(`/patrol/video/rounds/${part(id)}`),
  beginVideoRound: (id: string) => post<VideoRound>(`/patrol/video/rounds/${part(id)}/begin`),
  markPictures: (id: string, marks: MarkDraft[]) =>
    post<{ marks: VideoMark[]; round: VideoRound }>(`/patrol/video/rounds/${part(id)}/marks`, { marks }),

  addresses: (text: string, limit: number) => get<Addresses>(`/addresses?q=${part(text)}&limit=${limit}&typing=true`),

  closures: () => get<Closure[]>("/closures"),
  previewClosure: (drawing: ClosureDrawing) => request<ClosurePreview>("POST", "/closures/preview", json(drawing)),
  closeRoad: (draft: ClosureDraft) => post<Closure>("/closures", draft),
  changeClosure: (id: string, body: { version: number; ends_at: string | null }) =>
    command<Closure>("PATCH", `/closures/${part(id)}`, body),
  liftClosure: (id: string, version: number) => post<Closure>(`/closures/${part(id)}/lift`, { version }),
  ringsNow: (choice: { force?: string; person_id?: string }) =>
    get<ForceRings>(`/response/rings/now?${new URLSearchParams(choice)}`),

  devices: () => get<Device[]>("/devices"),
  patrolTeams: () => get<Team[]>("/patrol/teams"),
  addTeam: (team: object) => post<Team>("/patrol/teams", team),
  changeTeam: (id: string, change: object) => command<Team>("PATCH", `/patrol/teams/${part(id)}`, change),
  patrolNeeds: () => get<Need[]>("/patrol/needs"),
  setNeed: (pointId: string, need: object) => command<Need>("PUT", `/patrol/needs/${part(pointId)}`, need),
  plans: (day: string) => get<PlanView[]>(`/patrol/plans?day=${part(day)}`),
  plan: (id: string) => get<PlanDetail>(`/patrol/plans/${part(id)}`),
  planProgress: (id: string) => get<PlanProgress>(`/patrol/plans/${part(id)}/progress`),
  planWays: (id: string) => get<PlanWays>(`/patrol/plans/${part(id)}/ways`),
  makePlan: (day: string, wanted: number, fromNow: boolean) =>
    post<PlanView>("/patrol/plans", { day, wanted, from_now: fromNow }),
  tryMove: (id: string, move: PlanMove) => request<PlanDetail>("POST", `/patrol/plans/${part(id)}/try`, json(move)),
  moveStop: (id: string, move: PlanMove) => post<PlanDetail>(`/patrol/plans/${part(id)}/move`, move),
  publishPlan: (id: string, version: number) => post<PlanView>(`/patrol/plans/${part(id)}/publish`, { version }),
  relaxPlan: (id: string, proposal: number, relaxation: number) =>
    post<PlanView>(`/patrol/plans/${part(id)}/relax`, { proposal, relaxation }),
  dropOut: (id: string, teams: string[]) => post<PlanView>(`/patrol/plans/${part(id)}/drop-out`, { teams }),
  ownRounds: () => get<OwnRound[]>("/patrol/rounds/mine"),
  uploadImport: (file: File) =>
    request<ImportUpload>("POST", `/registry/imports/uploads?name=${part(file.name)}`, {
      headers: { "Content-Type": "application/octet-stream" },
      body: file,
    }),
  lookImport: (id: string, wish: ImportWish) => post<ImportLook>(`/registry/imports/uploads/${part(id)}/look`, wish),
  tryImport: (id: string, wish: ImportWish) => post<ImportTrial>(`/registry/imports/uploads/${part(id)}/try`, wish),
  applyImport: (id: string, wish: ImportWish & { token: string }) =>
    post<ImportDone>(`/registry/imports/uploads/${part(id)}/apply`, wish),
  imports: () => get<ImportDone[]>("/registry/imports"),
  gridFaults: () => get<GridFault[]>("/registry/grids/faults"),

  sendPositions: (positions: object[]) =>
    post<{ accepted: number; rejected: { index: number; reason: string }[] }>("/positions", { positions }),
};

export const figuresWorkbookUrl = (asked: AskedFigures) =>
  `${BASE}/cases/figures/report.xlsx${questions({ ...asked })}`;
export const workbookUrl = (date: string) => `${BASE}/patrol/days/${part(date)}/report.xlsx`;
export const foundSheetUrl = (query: string) => `${BASE}/cases/found.xlsx?${query}`;
export const briefingUrl = (planId: string) => `${BASE}/patrol/plans/${part(planId)}/briefing`;
export const pictureUrl = (cameraId: string, tick?: number) =>
  `${BASE}/cameras/${part(cameraId)}/picture.jpg${tick === undefined ? "" : `?t=${tick}`}`;
export const layerUrl = (kind: string, format: string) => `${BASE}/registry/layers/${part(kind)}?format=${format}`;
export const clipUrl = (clipId: string) => `${BASE}/clips/${part(clipId)}/media`;
export const stillUrl = (clipId: string, second: number) => `${BASE}/clips/${part(clipId)}/stills/${second}`;
export const photoUrl = (photoId: string) => `${BASE}/photos/${part(photoId)}`;

/** Address of a websocket of this server. */
export function socketUrl(path: string): string {
  return `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${path}`;
}
export const liveUrl = (cameraId: string) => socketUrl(`${BASE}/cameras/${part(cameraId)}/live`);
