/**
 * What happened, read back from the times that entities carry. A page that has just been opened has folded no fact yet,
 * but its snapshot tells the same story; lines have negative numbers, so that they never pass for facts of the log.
 */
import type { Alert, Case, CaseFact, FactData, Order, Who } from "../feed/types.ts";
import type { State } from "./state.ts";

type Step = [kind: string, at: string | null | undefined, by: Who | null, data: FactData];

function alertSteps(alert: Alert): Step[] {
  const data = { alert };
  const closed = alert.state === "dismissed" ? "prewarning.dismissed" : "prewarning.confirmed";
  return [
    ["prewarning.raised", alert.raised_at, null, data],
    ["prewarning.taken", alert.taken_at, alert.taken_by, data],
    ["prewarning.cleared", alert.cleared_at, null, data],
    [closed, alert.closed_at, alert.closed_by, data],
  ];
}

function caseSteps(item: Case): Step[] {
  const data = { case: item };
  const links = item.cameras.filter((link) => link.role === "linked");
  return [
    ["response.opened", item.opened_at, item.opened_by, data],
    ...links.map((link): Step => ["evidence.camera_linked", link.at, link.by, { case: { ...item, cameras: [link] } }]),
    ["response.resolved", item.resolved_at, item.resolved_by, data],
    ["response.called_back", item.callback?.at, item.callback?.by ?? null, data],
    ["response.archived", item.archived_at, item.archived_by, data],
  ];
}

function orderSteps(order: Order, item: Case | undefined): Step[] {
  const data = { order, case: item };
  return [
    ["response.dispatched", order.sent_at, order.sent_by, data],
    ["response.order_accepted", order.accepted_at, null, data],
    ["response.order_departed", order.departed_at, null, data],
    ["response.order_arrived", order.arrived_at, null, data],
    ...order.feedback.map(
      (one): Step => ["response.order_reported", one.at, null, { order: { ...order, feedback: [one] }, case: item }],
    ),
    ["response.order_done", order.done_at, null, data],
  ];
}

function dated(steps: Step[]): CaseFact[] {
  return steps
    .flatMap(([kind, at, by, data]) => (at ? [{ kind, at, by, data, id: "", seq: 0 }] : []))
    .sort((a, b) => a.at.localeCompare(b.at))
    .map((line, index) => ({ ...line, seq: -1 - index }));
}

/** The story of one matter, oldest first. */
export function storyOf(alert: Alert | null, item: Case | null, orders: readonly Order[]): CaseFact[] {
  return dated([
    ...(alert ? alertSteps(alert) : []),
    ...(item ? caseSteps(item) : []),
    ...orders.flatMap((order) => orderSteps(order, item ?? undefined)),
  ]);
}

/** The last things that happened in the hall, newest first. */
export function storyOfHall(state: State, count: number): CaseFact[] {
  const steps = [
    ...[...state.alerts.values()].flatMap(alertSteps),
    ...[...state.cases.values()].flatMap(caseSteps),
    ...[...state.orders.values()].flatMap((order) => orderSteps(order, state.cases.get(order.case_id))),
    ...[...state.duties.values()].map((duty): Step => ["patrol.visited", duty.visited_at, null, { duty }]),
  ];
  return dated(steps).slice(-count).reverse();
}

export function ordersOf(state: State, caseId: string | null): Order[] {
  if (!caseId) return [];
  return [...state.orders.values()]
    .filter((order) => order.case_id === caseId)
    .sort((a, b) => a.sent_at.localeCompare(b.sent_at) || a.code.localeCompare(b.code));
}
