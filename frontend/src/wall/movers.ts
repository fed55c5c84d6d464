/** People between two positions: each glides from where it is drawn to where it was last seen, in about a second. */
import type { LonLat } from "../feed/types.ts";

interface Glide {
  from: LonLat;
  to: LonLat;
  startMs: number;
}

const GLIDE_MS = 1100;
/** A jump further than this (degrees) is shown at once: nobody glides through the town. */
const JUMP_DEG = 0.01;

export class Movers {
  private readonly glides = new Map<string, Glide>();

  /** Aim every unit at its newest position; forget those that are gone. */
  aim(units: readonly { id: string; lonlat: LonLat }[], nowMs: number): void {
    const ids = new Set(units.map((unit) => unit.id));
    for (const id of this.glides.keys()) if (!ids.has(id)) this.glides.delete(id);
    for (const { id, lonlat } of units) {
      const known = this.glides.get(id);
      if (known && known.to[0] === lonlat[0] && known.to[1] === lonlat[1]) continue;
      const from = this.at(id, nowMs) ?? lonlat;
      const jumps = Math.hypot(from[0] - lonlat[0], from[1] - lonlat[1]) > JUMP_DEG;
      this.glides.set(id, { from: jumps ? lonlat : from, to: lonlat, startMs: nowMs });
    }
  }

  at(id: string, nowMs: number): LonLat | null {
    const glide = this.glides.get(id);
    if (!glide) return null;
    const share = Math.min(1, Math.max(0, (nowMs - glide.startMs) / GLIDE_MS));
    return [
      glide.from[0] + (glide.to[0] - glide.from[0]) * share,
      glide.from[1] + (glide.to[1] - glide.from[1]) * share,
    ];
  }
}
