/**
 * Live picture of one camera: fragments of MP4 over a websocket into Media Source Extensions, kept at the live edge.
 * Reconnects by itself; tells how long the first picture took and how old the shown picture is.
 */
export interface PictureInfo {
  width: number;
  height: number;
}

export interface PlayerHandlers {
  state(state: "opening" | "playing" | "lost" | "unsupported"): void;
  info(info: PictureInfo): void;
  /** Milliseconds from opening to the first picture shown. */
  first(ms: number): void;
  /** Seconds between the lens and the screen, or null when unknown. */
  delay(s: number | null): void;
}

interface Header {
  codec: string;
  width: number;
  height: number;
  started_at?: string;
}

const EDGE_S = 0.12;
const MAX_BEHIND_S = 0.9;
const HURRY_BEHIND_S = 0.45;
const KEEP_S = 8;
const SILENCE_MS = 8000;
const MAX_QUEUE = 240;

export class LivePlayer {
  private socket: WebSocket | null = null;
  private source: MediaSource | null = null;
  private buffer: SourceBuffer | null = null;
  private queue: ArrayBuffer[] = [];
  private objectUrl = "";
  private openedAt = 0;
  private startedAtMs: number | null = null;
  private mediaStartS: number | null = null;
  private shown = false;
  private attempt = 0;
  private stopped = false;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private silence: ReturnType<typeof setTimeout> | undefined;
  private readonly meter: ReturnType<typeof setInterval>;

  constructor(
    private readonly video: HTMLVideoElement,
    private readonly url: string,
    private readonly serverNow: () => number,
    private readonly handlers: PlayerHandlers,
  ) {
    this.openedAt = performance.now();
    this.meter = setInterval(() => this.measure(), 500);
    this.open();
  }

  stop(): void {
    this.stopped = true;
    clearInterval(this.meter);
    this.drop();
  }

  private open(): void {
    this.handlers.state("opening");
    const socket = new WebSocket(this.url);
    socket.binaryType = "arraybuffer";
    socket.onmessage = (event) => {
      if (socket !== this.socket) return;
      this.listen();
      if (typeof event.data === "string") this.begin(JSON.parse(event.data) as Header);
      else this.push(event.data as ArrayBuffer);
    };
    socket.onclose = () => {
      if (socket === this.socket) this.reopen();
    };
    this.socket = socket;
    this.listen();
  }

  /** A camera that sends nothing for a while is taken as lost, even if the line stays open. */
  private listen(): void {
    clearTimeout(this.silence);
    this.silence = setTimeout(() => this.reopen(), SILENCE_MS);
  }

  private drop(): void {
    clearTimeout(this.retry);
    clearTimeout(this.silence);
    const { socket } = this;
    this.socket = null;
    socket?.close();
    this.buffer = null;
    this.source = null;
    this.queue = [];
    this.startedAtMs = null;
    this.mediaStartS = null;
    if (this.objectUrl) URL.revokeObjectURL(this.objectUrl);
    this.objectUrl = "";
  }

  private reopen(): void {
    this.drop();
    if (this.stopped) return;
    this.handlers.state("lost");
    const waitMs = Math.min(8000, 500 * 2 ** this.attempt) * (0.6 + Math.random() * 0.4);
    this.attempt = Math.min(this.attempt + 1, 8);
    this.retry = setTimeout(() => this.open(), waitMs);
  }

  private begin(header: Header): void {
    const type = `video/mp4; codecs="${header.codec}"`;
    if (!("MediaSource" in window) || !MediaSource.isTypeSupported(type)) {
      this.stopped = true;
      this.drop();
      this.handlers.state("unsupported");
      return;
    }
    this.handlers.info(header);
    this.startedAtMs = header.started_at ? Date.parse(header.started_at) : null;
    const source = new MediaSource();
    this.source = source;
    this.objectUrl = URL.createObjectURL(source);
    this.video.src = this.objectUrl;
    source.addEventListener("sourceopen", () => this.attach(source, type), { once: true });
  }

  private attach(source: MediaSource, type: string): void {
    if (source !== this.source) return;
    const buffer = source.addSourceBuffer(type);
    buffer.addEventListener("updateend", () => this.afterAppend());
    buffer.addEventListener("error", () => this.reopen());
    this.buffer = buffer;
    this.feed();
  }

  private push(data: ArrayBuffer): void {
    this.queue.push(data);
    if (this.queue.length > MAX_QUEUE) this.reopen();
    else this.feed();
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
      this.reopen();
    }
  }

  private afterAppend(): void {
    this.follow();
    this.feed();
  }

  private follow(): void {
    const { buffer, video } = this;
    if (!buffer || buffer.buffered.length === 0) return;
    this.mediaStartS ??= buffer.buffered.start(0);
    this.keepEdge(buffer.buffered.start(0), buffer.buffered.end(buffer.buffered.length - 1));
    if (video.paused) void video.play().catch(() => undefined);
    if (!this.shown && video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA) {
      this.shown = true;
      this.handlers.first(performance.now() - this.openedAt);
    }
    if (video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA) {
      this.attempt = 0;
      this.handlers.state("playing");
    }
  }

  /** Jump when far behind, hurry when a little behind, and throw away what has long been shown. */
  private keepEdge(startS: number, endS: number): void {
    const { buffer, video } = this;
    const behind = endS - video.currentTime;
    if (video.currentTime < startS || behind > MAX_BEHIND_S) video.currentTime = Math.max(startS, endS - EDGE_S);
    video.playbackRate = behind > HURRY_BEHIND_S ? 1.15 : 1;
    if (buffer && !buffer.updating && video.currentTime - startS > KEEP_S * 2) {
      buffer.remove(startS, video.currentTime - KEEP_S);
    }
  }

  private measure(): void {
    if (this.startedAtMs === null || this.mediaStartS === null || !this.shown) {
      this.handlers.delay(null);
      return;
    }
    const pictureAt = this.startedAtMs + (this.video.currentTime - this.mediaStartS) * 1000;
    this.handlers.delay(Math.max(0, (this.serverNow() - pictureAt) / 1000));
  }
}
