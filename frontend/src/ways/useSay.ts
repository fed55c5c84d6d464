/** Descriptions in words: spans, conditions, places, values; names are the center's own where it has some. */
import { useI18n } from "vue-i18n";
import { type Ground, machineWord, seatName, spanOf, wordOf } from "./table.ts";
import type { Change, Fault, Machine, Table } from "./types.ts";

const LOOKED_UP = ["category", "date", "mediation"];

export function useSay(ground: () => Ground, table: () => Table) {
  const { t, te } = useI18n();
  const machine = (): Machine => ground().machine;

  const span = (text: unknown): string => {
    const read = spanOf(text);
    return read ? `${read.count} ${t(`ways.unit.${read.unit}`)}` : String(text ?? t("ways.nothing"));
  };
  function condition(name: string): string {
    const [kind = "", value = ""] = name.split(":");
    if (te(`ways.condition.${name === "*" ? "any" : name}`)) return t(`ways.condition.${name === "*" ? "any" : name}`);
    return te(`ways.condition.${kind}`) ? t(`ways.condition.${kind}`, { value }) : name;
  }
  const term = (name: string, text: string) =>
    LOOKED_UP.includes(name) ? t(`ways.lookedUp.${name}`) : `${condition(name)} ${span(text)}`;
  const clock = (name: string) => machine().clocks[name]?.name ?? name;
  const seat = (name: string) => seatName(table(), ground(), name);
  const seats = (names: readonly string[]) => names.map(seat).join("、");
  const word = (name: string) => wordOf(table(), ground(), name);

  /** `timers.T-ACCEPT.term.P0` → 时限 › 受理时限 › 特急. */
  function place(where: string): string {
    const [key = "", ...rest] = where.split(".");
    const named = (name: string) =>
      key === "timers" ? clock(name) : key === "seats" ? (machine().seats[name] ?? name) : machineWord(ground(), name);
    if (key in machine().states || key in machine().actions) return machineWord(ground(), key);
    const head = te(`ways.key.${key}`) ? t(`ways.key.${key}`) : key;
    if (rest.length === 0) return head;
    const parts = rest.map((part, at) => {
      if (key === "name") return te(`ways.language.${part}`) ? t(`ways.language.${part}`) : part;
      if (at === 0) return te(`ways.key.${part}`) ? t(`ways.key.${part}`) : named(part);
      if (key === "timers" && rest[1] === "term" && at === 2) return condition(part);
      return part === "term" ? "" : te(`ways.key.${part}`) ? t(`ways.key.${part}`) : part;
    });
    return [head, ...parts].filter(Boolean).join(" › ");
  }

  /** An entry of a list; a level of mediation is its name, its window and its attempts. */
  function listed(one: unknown): string {
    if (typeof one === "string") return one;
    if (!Array.isArray(one)) return JSON.stringify(one);
    return one
      .filter((part) => part !== null)
      .map((part) => (spanOf(part) ? span(part) : typeof part === "number" ? `×${part}` : String(part)))
      .join(" ");
  }

  function value(change: Change, side: "before" | "after"): string {
    const said = change[side] as unknown;
    const key = change.where.split(".")[0] ?? "";
    if (said === null || said === undefined) return t(key === "timers" ? "ways.off" : "ways.nothing");
    if ((key === "may" || key === "approvals") && Array.isArray(said))
      return said.length > 0 ? seats(said as string[]) : t(key === "may" ? "ways.nobody" : "ways.noDecision");
    if (spanOf(said)) return span(said);
    if (key === "steps" && Array.isArray(said)) return said.map((one) => (one as { name?: string }).name).join(" → ");
    if (Array.isArray(said)) return said.map(listed).join("、");
    if (typeof said === "boolean") return t(said ? "ways.on" : "ways.off");
    return typeof said === "object" ? JSON.stringify(said) : String(said);
  }

  /** A fault with the place in words instead of in keys. */
  const fault = (one: Fault) => one.text.split(one.where).join(place(one.where));

  return { span, condition, term, clock, seat, seats, word, place, value, fault };
}
export type Say = ReturnType<typeof useSay>;
