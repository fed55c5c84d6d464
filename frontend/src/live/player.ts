/**
 * Live picture of one camera over a websocket, kept at the live edge: fragments of MP4 into Media Source Extensions,
 * or whole JPEG pictures onto a canvas where the browser cannot play the camera's codec.
 * Reconnects by itself; tells how long the first picture took and how old the shown picture is.
 */
import { MediaScreen } from "./mediaScreen.ts";
import type { Header, Screen, ScreenEvents } from "./screen.ts";
import { StillScreen } from "./stillScreen.ts";

export interface PictureInfo {
  width: number;
  height: number;
}

export type PlayerState = "opening" | "playing" | "lost" | "unsupported";

export interface PlayerHandlers {
  state(state: PlayerState): void;
  /** Size of the picture, and whether it is drawn on the canvas instead of the video. */
  info(info: PictureInfo, onCanvas: boolean): void;
  /** Milliseconds from opening to the first picture shown. */
  first(ms: number): void;
  /** Seconds between the lens and the screen, or null when unknown. */
  delay(s: number | null): void;
}

const SILENCE_MS = 8000;

export class LivePlayer {
  private socket: WebSocket | null = null;
  private screen: Screen | null = null;
  private readonly openedAt = performance.now();
  private shown = false;
  private attempt = 0;
  private stopped = false;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private silence: ReturnType<typeof setTimeout> | undefined;
  private readonly meter: ReturnType<typeof setInterval>;

  constructor(
    private readonly video: HTMLVideoElement,
    private readonly canvas: HTMLCanvasElement,
    private readonly url: string,
    private readonly serverNow: () => number,
    private readonly handlers: PlayerHandlers,
  ) {
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
      else this.screen?.push(event.data as ArrayBuffer);
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
    this.screen?.close();
    this.screen = null;
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
    this.screen?.close();
    this.screen = null;
    const events: ScreenEvents = { painted: () => this.painted(), broken: () => this.reopen() };
    const onCanvas = header.codec === "jpeg";
    if (!onCanvas && !MediaScreen.plays(header.codec)) {
      this.stopped = true;
      this.drop();
      this.handlers.state("unsupported");
      return;
    }
    this.handlers.info(header, onCanvas);
    this.screen = onCanvas
      ? new StillScreen(this.canvas, this.serverNow, events)
      : new MediaScreen(this.video, header, events);
  }

  private painted(): void {
    if (!this.shown) {
      this.shown = true;
      this.handlers.first(performance.now() - this.openedAt);
    }
    this.attempt = 0;
    this.handlers.state("playing");
  }

  private measure(): void {
    const at = this.shown ? (this.screen?.shownAtMs() ?? null) : null;
    this.handlers.delay(at === null ? null : Math.max(0, (this.serverNow() - at) / 1000));
  }
}
