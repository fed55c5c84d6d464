/** Fragments of MP4 in a video element by Media Source Extensions, kept at the live edge. */
import type { Header, Screen, ScreenEvents } from "./screen.ts";

const EDGE_S = 0.12;
const MAX_BEHIND_S = 0.9;
const HURRY_BEHIND_S = 0.45;
const KEEP_S = 8;
const MAX_QUEUE = 240;

export class MediaScreen implements Screen {
  private source: MediaSource | null = new MediaSource();
  private buffer: SourceBuffer | null = null;
  private queue: ArrayBuffer[] = [];
  private readonly objectUrl: string;
  private readonly startedAtMs: number | null;
  private mediaStartS: number | null = null;
  private shown = false;

  /** Whether the browser can play it. */
  static plays(codec: string): boolean {
    return "MediaSource" in window && MediaSource.isTypeSupported(typeOf(codec));
  }

  constructor(
    private readonly video: HTMLVideoElement,
    header: Header,
    private readonly events: ScreenEvents,
  ) {
    this.startedAtMs = header.started_at ? Date.parse(header.started_at) : null;
    const source = this.source as MediaSource;
    this.objectUrl = URL.createObjectURL(source);
    source.addEventListener("sourceopen", () => this.attach(source, typeOf(header.codec)), { once: true });
    video.src = this.objectUrl;
    video.requestVideoFrameCallback(() => this.onFirst());
  }

  push(data: ArrayBuffer): void {
    this.queue.push(data);
    if (this.queue.length > MAX_QUEUE) this.events.broken();
    else this.feed();
  }

  shownAtMs(): number | null {
    if (this.startedAtMs === null || this.mediaStartS === null || !this.shown) return null;
    return this.startedAtMs + (this.video.currentTime - this.mediaStartS) * 1000;
  }

  close(): void {
    this.source = null;
    this.buffer = null;
    this.queue = [];
    URL.revokeObjectURL(this.objectUrl);
  }

  private attach(source: MediaSource, type: string): void {
    if (source !== this.source) return;
    const buffer = source.addSourceBuffer(type);
    buffer.addEventListener("updateend", () => this.afterAppend());
    buffer.addEventListener("error", () => {
      if (source === this.source) this.events.broken();
    });
    this.buffer = buffer;
    this.feed();
  }

  private feed(): void {
    const { buffer } = this;
    if (!buffer || buffer.updating) return;
    const next = this.queue.shift();
    if (!next) return;
    try {
      buffer.appendBuffer(next);
    } catch {
      // A full or broken buffer cannot be repaired in place: start a new one at the live edge.
      this.events.broken();
    }
  }

  private afterAppend(): void {
    if (!this.buffer) return;
    this.follow(this.buffer);
    this.feed();
  }

  private follow(buffer: SourceBuffer): void {
    const { video } = this;
    if (buffer.buffered.length === 0) return;
    this.mediaStartS ??= buffer.buffered.start(0);
    this.keepEdge(buffer, buffer.buffered.start(0), buffer.buffered.end(buffer.buffered.length - 1));
    if (video.paused) void video.play().catch(() => undefined);
    if (this.shown) this.events.painted();
  }

  private onFirst(): void {
    if (this.source === null) return;
    this.shown = true;
    this.events.painted();
  }

  /** Jump when far behind, hurry when a little behind, and throw away what has long been shown. */
  private keepEdge(buffer: SourceBuffer, startS: number, endS: number): void {
    const { video } = this;
    const behind = endS - video.currentTime;
    // The first picture is shown from where the ring begins; only then is there a reason to jump to the edge.
    if (video.currentTime < startS) video.currentTime = startS;
    else if (this.shown && behind > MAX_BEHIND_S) video.currentTime = Math.max(startS, endS - EDGE_S);
    video.playbackRate = behind > HURRY_BEHIND_S ? 1.15 : 1;
    if (!buffer.updating && video.currentTime - startS > KEEP_S * 2) {
      buffer.remove(startS, video.currentTime - KEEP_S);
    }
  }
}

const typeOf = (codec: string) => `video/mp4; codecs="${codec}"`;
