/** Finding cases as the server tells it. */
import type { components } from "../feed/api.gen.ts";

type Schemas = components["schemas"];
export type Found = Schemas["FoundView"];
export type Kept = Schemas["KeptView"];

/** What narrows a search; empty narrows nothing. */
export const FIELDS = [
  "q",
  "state",
  "category",
  "unit",
  "source",
  "priority",
  "level",
  "profile",
  "area",
  "since",
  "until",
] as const;
export type Field = (typeof FIELDS)[number];
export type Wish = Partial<Record<Field, string>>;

/** The query of an address or of a request; the order of fields is always the same. */
export function queryOf(wish: Wish): string {
  const pairs = FIELDS.flatMap((field) => (wish[field] ? [[field, wish[field]]] : []));
  return new URLSearchParams(pairs as string[][]).toString();
}

/** What of an address is a search; anything else in it is left alone. */
export function wishOf(query: Record<string, unknown>): Wish {
  const pairs = FIELDS.flatMap((field) => {
    const value = query[field];
    return typeof value === "string" && value ? [[field, value]] : [];
  });
  return Object.fromEntries(pairs) as Wish;
}
