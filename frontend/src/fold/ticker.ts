/** A fact as one line for the ticker and the timeline of a case: a key of the words and what fills it in. */
import type { CaseFact, Fact } from "../feed/types.ts";

export interface Line {
  key: string;
  params: Record<string, string | number>;
  /** Words that are keys themselves, e.g. the kind of an alert: looked up before they fill the line. */
  words: Record<string, string>;
}

/** `response.order_accepted` → `fact.response_order_accepted`. */
export const factKey = (kind: string) => `fact.${kind.replace(".", "_")}`;

/** Kinds that change no one's picture of the day and stay off the ticker. */
const QUIET = new Set([
  "ingest.signal_started",
  "ingest.signal_ended",
  "patrol.duty_opened",
  "patrol.video_round_opened",
  "patrol.video_plan_changed",
  "patrol.team_added",
  "patrol.team_changed",
  "patrol.need_set",
  "patrol.plan_begun",
  "patrol.plan_changed",
  "patrol.plan_replaced",
  "patrol.rounds_changed",
  "patrol.progressed",
  "ingest.sos",
  "prewarning.repeated",
  "prewarning.grew",
  "evidence.clip_failed",
  "evidence.clip_gone",
  "prewarning.noted",
  "prewarning.proposed",
  "prewarning.safety_asked",
  "prewarning.safety_answered",
  "prewarning.safety_moved",
  "prewarning.safety_ended",
  "prewarning.safety_unanswered",
  "response.arrival_proposed",
  "response.party_added",
  "response.party_changed",
  "response.parties_moved",
  "response.way_written",
  "response.way_dropped",
]);

export const isTold = (fact: Pick<Fact, "kind">) => !QUIET.has(fact.kind);

export function lineOf(fact: CaseFact | Fact, pointName: (id: string) => string = (id) => id): Line {
  const { alert, order, point, line, duty, signal, sos, device, reason } = fact.data ?? {};
  const item = fact.data?.case ?? fact.data?.matter;
  const { party, plan, video_plan: eyes, video_round: round, closure, way } = fact.data ?? {};
  const params: Line["params"] = { by: fact.by?.name ?? "" };
  if (fact.kind === "ingest.watch_set") params.camera = fact.id.slice(-4);
  const words: Line["words"] = {};
  if (alert) {
    params.place = alert.place;
    words.what = `alert.kind.${alert.kind}`;
    if (alert.reason) words.reason = `reason.${alert.reason}`;
  }
  if (item) {
    params.case = item.code;
    params.place = item.place;
    params.title = item.title;
    params.rating = item.callback?.rating ?? "";
    const link = item.cameras.at(-1);
    if (link) params.why = link.why;
  }
  if (order) {
    params.order = order.code;
    params.who = order.call_sign;
    params.text = order.feedback.at(-1)?.text ?? "";
    params.decline = order.decline_reason ?? "";
  }
  if (party) params.person = party.name;
  if (point) params.point = point.name;
  if (plan) params.day = plan.day;
  if (way) params.way = way.name.zh ?? "";
  if (closure) params.road = closure.name;
  if (eyes) params.plan = eyes.name;
  if (round) Object.assign(params, { seen: round.seen, total: round.cameras.length });
  if (sos) params.device = sos.device_name;
  if (device && reason) {
    params.device = device.name;
    words.reason = `device.flag.${reason}`;
  }
  if (line) params.point = line.name;
  if (duty) params.point = pointName(duty.point_id ?? duty.line_id ?? "");
  if (signal) words.what = `alert.kind.${signal.kind}`;
  return { key: factKey(fact.kind), params, words };
}
