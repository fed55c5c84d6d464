/**
 * A description over what it extends: what holds, and how a change is written. Pure.
 *
 * Nothing is written that holds anyway, so that a description stays as short as what a center does differently.
 */
import type { ClockChange, Fault, Machine, ShownStep, Tab, Table } from "./types.ts";

export interface Ground {
  machine: Machine;
  /** All that the description extends, as if written at once. */
  base: Table;
}
type MapKey = "labels" | "seats" | "may" | "approvals" | "timers";

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
/** Of a change the order of its keys says nothing; of its terms it does. */
const sameEntries = (a: Record<string, unknown>, b: Record<string, unknown>) =>
  [...new Set([...Object.keys(a), ...Object.keys(b)])].every((key) => same(a[key], b[key]));
const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
/** The expert may have written something else there. */
const mapOf = (table: Table, key: MapKey) => (isMap(table[key]) ? (table[key] as Record<string, unknown>) : {});

/** The table with one entry of one of its maps set, or left out where `value` is undefined. */
function entry(table: Table, key: MapKey, name: string, value: unknown): Table {
  const { [name]: _gone, ...rest } = mapOf(table, key);
  const map = value === undefined ? rest : { ...rest, [name]: value };
  const { [key]: _old, ...others } = table;
  return Object.keys(map).length > 0 ? { ...others, [key]: map } : (others as Table);
}

export function machineWord({ machine }: Ground, word: string): string {
  return machine.states[word] ?? machine.actions[word] ?? machine.ladder[word] ?? word;
}
const baseWord = (ground: Ground, word: string) => ground.base.labels?.[word] || machineWord(ground, word);
export function wordOf(table: Table, ground: Ground, word: string): string {
  const own = mapOf(table, "labels")[word];
  return typeof own === "string" && own !== "" ? own : baseWord(ground, word);
}
export function setWord(table: Table, ground: Ground, word: string, text: string): Table {
  const said = text.trim();
  return entry(table, "labels", word, said === "" || said === baseWord(ground, word) ? undefined : said);
}

/** What a seat is called, as a list in one text. */
export function seatName(table: Table, { machine, base }: Ground, seat: string): string {
  const own = mapOf(table, "seats")[seat] ?? base.seats?.[seat];
  return Array.isArray(own) && own.length > 0 ? own.join("、") : (machine.seats[seat] ?? seat);
}
export function setSeatName(table: Table, ground: Ground, seat: string, text: string): Table {
  const names = text
    .split(/[、,，]/)
    .map((one) => one.trim())
    .filter(Boolean);
  const stands = ground.base.seats?.[seat] ?? [ground.machine.seats[seat] ?? seat];
  return entry(table, "seats", seat, names.length === 0 || same(names, stands) ? undefined : names);
}

export function seatsOf(table: Table, { machine, base }: Ground, action: string): string[] {
  const own = mapOf(table, "may")[action];
  return Array.isArray(own) ? own : (base.may?.[action] ?? machine.by_hand[action] ?? []);
}
export function setSeats(table: Table, ground: Ground, action: string, seats: string[]): Table {
  const order = ground.machine.chosen_seats;
  const sorted = order.filter((seat) => seats.includes(seat));
  const stands = ground.base.may?.[action] ?? ground.machine.by_hand[action] ?? [];
  return entry(table, "may", action, same(sorted, stands) ? undefined : sorted);
}

export function decidersOf(table: Table, { machine, base }: Ground, action: string): string[] {
  const own = mapOf(table, "approvals")[action];
  return Array.isArray(own) ? own : (base.approvals?.[action] ?? machine.decided[action] ?? []);
}
export function setDeciders(table: Table, ground: Ground, action: string, seats: string[]): Table {
  const sorted = ground.machine.deciding_seats.filter((seat) => seats.includes(seat));
  const stands = ground.base.approvals?.[action] ?? ground.machine.decided[action] ?? [];
  return entry(table, "approvals", action, same(sorted, stands) ? undefined : sorted);
}

/** What a plain key says, here or below. */
export function plain<T>(table: Table, { base }: Ground, key: string): T {
  return (key in table ? table[key] : base[key]) as T;
}
export function setPlain(table: Table, { base }: Ground, key: string, value: unknown): Table {
  const { [key]: _old, ...others } = table;
  return same(value, base[key] ?? null) || same(value, base[key]) ? others : { ...others, [key]: value };
}
export function stepsOf(table: Table, ground: Ground): ShownStep[] {
  const steps = plain<unknown>(table, ground, "steps");
  return Array.isArray(steps) ? steps.filter((one) => isMap(one) && Array.isArray(one.states)) : [];
}

const changeOf = (table: Table, { base }: Ground, name: string): ClockChange | null | undefined => {
  const own = mapOf(table, "timers");
  return (name in own ? own[name] : base.timers?.[name]) as ClockChange | null | undefined;
};
/** The terms of a clock by condition; null where it does not run. */
export function termsOf(table: Table, ground: Ground, name: string): Record<string, string> | null {
  const change = changeOf(table, ground, name);
  if (change === null) return null;
  return isMap(change?.term) ? (change.term as Record<string, string>) : (ground.machine.clocks[name]?.term ?? {});
}
/** What a clock that is off would run by, were it on. */
export function termsIfOn(ground: Ground, name: string): Record<string, string> {
  return termsOf({}, ground, name) ?? ground.machine.clocks[name]?.term ?? {};
}
export function setTerms(table: Table, ground: Ground, name: string, term: Record<string, string> | null): Table {
  const standing = changeOf(table, ground, name) ?? ground.base.timers?.[name] ?? {};
  const stands = ground.base.timers?.[name];
  if (term === null) return entry(table, "timers", name, stands === null ? undefined : null);
  const { term: _old, ...rest } = standing;
  const change = same(term, ground.machine.clocks[name]?.term) ? rest : { ...rest, term };
  return entry(table, "timers", name, stands !== null && sameEntries(change, stands ?? {}) ? undefined : change);
}

export const UNITS = ["m", "h", "wh", "wd", "d", "mo"] as const;
export type Unit = (typeof UNITS)[number];
/** `4wh` → 4 working hours; null for anything that is not a span. */
export function spanOf(text: unknown): { count: number; unit: Unit } | null {
  const match = typeof text === "string" ? /^([1-9]\d{0,3})(mo|m|h|wh|wd|d)$/.exec(text) : null;
  return match ? { count: Number(match[1]), unit: match[2] as Unit } : null;
}

/** Where on the page a fault or a change is at home, and the row there. */
export function placeOf(where: string, machine: Machine): { tab: Tab; item: string } {
  const [key = "", ...rest] = where.split(".");
  const item = (key === "steps" ? rest.join(".") : rest[0]) ?? "";
  if (key === "timers" || key.startsWith("max_") || key === "extend_max") return { tab: "clocks", item: item || key };
  if (key === "steps") return { tab: "steps", item };
  if (key === "labels" || key === "seats" || key === "name") return { tab: "words", item };
  if (key === "may" || key === "approvals" || key === "approver_triage") return { tab: "seats", item: item || key };
  if (key in machine.states) return { tab: "flow", item: key };
  if (key in machine.actions) return { tab: "seats", item: key };
  return { tab: "json", item: key };
}
export const faultsAt = (faults: readonly Fault[], machine: Machine, tab: Tab, item?: string) =>
  faults.filter((one) => {
    const place = placeOf(one.where, machine);
    return place.tab === tab && (item === undefined || place.item === item);
  });
