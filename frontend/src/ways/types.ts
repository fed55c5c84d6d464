/** Ways of working as the server tells them, and a description as it is written. */
import type { components } from "../feed/api.gen.ts";

type Schemas = components["schemas"];
export type WayLine = Schemas["WayLine"];
export type WayDetail = Schemas["WayDetail"];
export type WayView = Schemas["WayView"];
export type Machine = Schemas["MachineView"];
export type Looked = Schemas["LookedView"];
export type Fault = Schemas["ProblemView"];
export type Change = Schemas["Change"];
export type WayState = Schemas["StateView"];
export type WayRow = Schemas["RowView"];

export interface ShownStep {
  name: string;
  states: string[];
}
export interface ClockChange {
  term?: Record<string, string>;
  [key: string]: unknown;
}
/** A description: only what differs from what it extends. The expert may write anything; the server looks at it. */
export interface Table {
  id?: string;
  extends?: string;
  name?: { zh: string; en: string };
  labels?: Record<string, string>;
  seats?: Record<string, string[]>;
  steps?: ShownStep[];
  may?: Record<string, string[]>;
  approvals?: Record<string, string[]>;
  approver_triage?: string | null;
  timers?: Record<string, ClockChange | null>;
  [key: string]: unknown;
}

export const TABS = ["flow", "words", "steps", "seats", "clocks", "json"] as const;
export type Tab = (typeof TABS)[number];
