/** Phrases put together from words: lines of facts, spans, distances, reasons. */
import { useI18n } from "vue-i18n";
import type { CaseFact, Fact, Reason } from "../feed/types.ts";
import { spanParts } from "../fold/clocks.ts";
import { lineOf } from "../fold/ticker.ts";

export function useSay() {
  const { t, te } = useI18n();

  /** `2 小时 15 分`. */
  const span = (ms: number) =>
    spanParts(ms)
      .map((part) => t(`clock.${part.unit}`, { n: part.value }))
      .join(" ");

  const left = (leftMs: number) => t(leftMs < 0 ? "clock.over" : "clock.left", { span: span(leftMs) });

  const metres = (m: number) =>
    m < 1000 ? t("common.metres", { m: Math.round(m) }) : t("common.kilometres", { km: (m / 1000).toFixed(1) });

  /** Words of a parameter: names of forces and states are looked up, numbers are rounded. */
  const parameter = (name: string, value: string | number) => {
    if (typeof value === "number") return Math.round(value);
    const key = `${name}.${value}`;
    return te(key) ? t(key) : value;
  };

  const reason = ({ code, params }: Reason) => {
    const filled = Object.fromEntries(Object.entries(params).map(([name, value]) => [name, parameter(name, value)]));
    const key = `why.${code}`;
    return te(key)
      ? t(key, { ...filled, span: span(Number(params.s ?? 0) * 1000) })
      : [code, ...Object.values(filled)].join(" ");
  };

  const fact = (item: Fact | CaseFact, pointName?: (id: string) => string) => {
    const line = lineOf(item, pointName);
    if (!te(line.key)) return item.kind;
    const words = Object.entries(line.words).map(([name, key]) => [name, te(key) ? t(key) : key.split(".").at(-1)]);
    const text: Record<string, string | number> = {
      what: "",
      reason: "",
      place: "",
      who: "",
      order: "",
      case: "",
      title: "",
      why: "",
      text: "",
      decline: "",
      point: "",
      person: "",
      rating: "",
      day: "",
      ...line.params,
    };
    return t(line.key, { ...text, ...Object.fromEntries(words) })
      .replace(/\s+/g, " ")
      .trim();
  };

  return { span, left, metres, reason, fact };
}
