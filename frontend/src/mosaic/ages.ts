/** How old pictures are over a whole fleet. */
import { type Ages, OLD_S } from "./protocol.ts";

const at = (sorted: readonly number[], share: number) =>
  sorted.length === 0 ? null : (sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? null);

/** Args: `seconds` of each delivering camera, Infinity where nothing has come yet. */
export function agesOf(seconds: readonly number[]): Ages {
  const known = seconds.filter(Number.isFinite).sort((a, b) => a - b);
  const round = (value: number | null) => (value === null ? null : Math.max(0, Math.round(value * 100) / 100));
  return {
    p50: round(at(known, 0.5)),
    p95: round(at(known, 0.95)),
    worst: round(known.at(-1) ?? null),
    shown: known.length,
    old: seconds.filter((age) => age > OLD_S).length,
  };
}
