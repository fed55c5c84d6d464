/** What the mosaic's page and its painter, a worker, say to each other. */
import type { Link } from "../feed/socket.ts";

/** How old the shown pictures are, in seconds, over all cameras that deliver. */
export interface Ages {
  p50: number | null;
  p95: number | null;
  worst: number | null;
  shown: number;
  /** Delivering cameras whose picture is older than `OLD_S`. */
  old: number;
}

export const OLD_S = 4;

export type ToPainter =
  | { do: "start"; url: string; areas: string[]; canvas: OffscreenCanvas }
  | { do: "watch"; on: boolean }
  /** `turn` grows with every arrangement. */
  | { do: "arrange"; turn: number; width: number; height: number; dpr: number; ids: string[]; boxes: Float32Array }
  /** Cameras that deliver pictures; the others' ages are no failure of the mosaic. */
  | { do: "deliver"; ids: string[] };

export type FromPainter =
  | { say: "link"; link: Link }
  /** `atMs` of each painted picture in the order of the last arrangement, NaN where there is none. */
  | { say: "ages"; turn: number; ages: Ages; atMs: Float64Array; nowMs: number };
