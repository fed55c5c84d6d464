/** Whole JPEG pictures on a canvas: for codecs that the browser cannot play. Only the newest is ever decoded. */
import type { Screen, ScreenEvents } from "./screen.ts";

export class StillScreen implements Screen {
  private waiting: { data: ArrayBuffer; atMs: number } | null = null;
  private busy = false;
  private closed = false;
  private atMs: number | null = null;

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly serverNow: () => number,
    private readonly events: ScreenEvents,
  ) {}

  push(data: ArrayBuffer): void {
    this.waiting = { data, atMs: this.serverNow() };
    if (!this.busy) void this.draw();
  }

  /** Pictures carry no time of their own: what is shown is as old as its arrival. */
  shownAtMs(): number | null {
    return this.atMs;
  }

  close(): void {
    this.closed = true;
    this.waiting = null;
  }

  private async draw(): Promise<void> {
    this.busy = true;
    while (this.waiting) {
      const { data, atMs } = this.waiting;
      this.waiting = null;
      const picture = await createImageBitmap(new Blob([data], { type: "image/jpeg" })).catch(() => null);
      if (this.closed) picture?.close();
      else if (picture) this.show(picture, atMs);
    }
    this.busy = false;
  }

  private show(picture: ImageBitmap, atMs: number): void {
    if (this.canvas.width !== picture.width) this.canvas.width = picture.width;
    if (this.canvas.height !== picture.height) this.canvas.height = picture.height;
    this.canvas.getContext("2d", { alpha: false })?.drawImage(picture, 0, 0);
    picture.close();
    this.atMs = atMs;
    requestAnimationFrame(() => {
      if (!this.closed) this.events.painted();
    });
  }
}
