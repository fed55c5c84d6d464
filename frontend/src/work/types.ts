/** Working on cases as the server tells it. */
import type { components } from "../feed/api.gen.ts";

type Schemas = components["schemas"];
export type CaseLine = Schemas["CaseLine"];
export type QueueView = Schemas["QueueView"];
export type Working = Schemas["Working"];
export type Work = Schemas["WorkView"];
export type Offer = Schemas["OfferView"];
export type FormField = Schemas["FieldView"];
export type Approval = Schemas["ApprovalView"];
export type Counter = Schemas["CounterView"];
export type Hints = Schemas["Hints"];
export type Handover = Schemas["HandoverView"];
export type NewHandover = Schemas["NewHandover"];
export type Mode = Schemas["ModeView"];
export type NewMatter = Schemas["NewMatter"];
export type QueueName = "todo" | "asks" | "overdue" | "open" | "ended";
export type Said = Record<string, unknown>;

export const QUEUES: QueueName[] = ["todo", "asks", "overdue", "open", "ended"];
