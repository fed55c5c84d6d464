/**
 * Positions that wait for the line: kept in the phone over a reload, sent in batches with their own times, and when
 * there is no room for more, thinned from the oldest on rather than cut off, so that a long walk keeps its shape.
 */

/** One report as `POST /positions` takes it. */
export interface OwnReport {
  at: string;
  lon: number;
  lat: number;
  accuracy_m: number;
  speed_mps?: number;
  heading_deg?: number;
  battery?: number;
  charging?: boolean;
}

export interface Shelf {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/** A shift of nine hours at one report each five seconds is 6,480. */
export const MOST_WAITING = 4000;
export const BATCH = 500;
/** The hall refuses what is older. */
export const OLDEST_MS = 7 * 86_400_000;

/** Every second one of the older half, so that what is old becomes coarse and what is new stays whole. */
export function thin<T>(reports: readonly T[], most: number): T[] {
  let kept = [...reports];
  while (kept.length > most) {
    const half = Math.ceil(kept.length / 2);
    const coarser = kept.filter((_, index) => index >= half || index % 2 === 0);
    kept = coarser.length < kept.length ? coarser : kept.slice(-most);
  }
  return kept;
}

export class Outbox {
  private waiting: OwnReport[];
  private sending = false;

  /**
   * @param key of the shelf, one for each person: a phone may be handed on.
   * @param send resolves once the hall has stored the batch.
   */
  constructor(
    private readonly shelf: Shelf,
    private readonly key: string,
    private readonly send: (reports: OwnReport[]) => Promise<unknown>,
    private readonly most = MOST_WAITING,
  ) {
    this.waiting = this.read();
  }

  get size(): number {
    return this.waiting.length;
  }

  add(report: OwnReport): void {
    this.waiting = thin([...this.waiting, report], this.most);
    this.write();
  }

  /** Send what waits, the oldest first, until all is stored or the line is down. Says whether all got through. */
  async flush(nowMs: number): Promise<boolean> {
    if (this.sending) return false;
    this.sending = true;
    try {
      this.waiting = this.waiting.filter((one) => nowMs - Date.parse(one.at) < OLDEST_MS);
      while (this.waiting.length > 0) {
        const batch = this.waiting.slice(0, BATCH);
        await this.send(batch);
        // What came meanwhile may have thinned the list: what was sent is told by its time.
        const sent = new Set(batch.map((one) => one.at));
        this.waiting = this.waiting.filter((one) => !sent.has(one.at));
        this.write();
      }
      return true;
    } catch {
      return false;
    } finally {
      this.sending = false;
    }
  }

  private read(): OwnReport[] {
    try {
      const found: unknown = JSON.parse(this.shelf.getItem(this.key) ?? "[]");
      return Array.isArray(found) ? (found as OwnReport[]) : [];
    } catch {
      return [];
    }
  }

  private write(): void {
    try {
      if (this.waiting.length === 0) this.shelf.removeItem(this.key);
      else this.shelf.setItem(this.key, JSON.stringify(this.waiting));
    } catch {
      // No room on the phone: what waits is still in memory, and less of it is tried next time.
      this.waiting = thin(this.waiting, Math.floor(this.waiting.length * 0.75));
    }
  }
}
