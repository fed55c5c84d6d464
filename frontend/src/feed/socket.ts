/**
 * The live stream: subscribes, resumes where it stopped, sees gaps, keeps the digest, acknowledges beats.
 * Knows nothing of screens; it needs only a WebSocket class, so it also runs against a real server in Node.
 */
import { chain, GENESIS_DIGEST, rawData } from "./digest.ts";
import type { BeatFrame, Fact, HealthFrame, PositionsFrame, SnapshotFrame } from "./types.ts";

export type Link = "connecting" | "live" | "lost" | "refused";

export interface Handlers {
  link(state: Link): void;
  snapshot(frame: SnapshotFrame): void;
  fact(fact: Fact): void;
  positions(frame: PositionsFrame): void;
  health(frame: HealthFrame): void;
  beat(frame: BeatFrame, inStep: boolean): void;
  /** Small pictures of cameras; see mosaic/tiles.ts. */
  binary?(message: ArrayBuffer): void;
}

export interface FeedOptions {
  url: string;
  streams: string[];
  areas: string[];
  seat: string;
  handlers: Handlers;
  socketClass?: typeof WebSocket;
  /** First wait before a new attempt; doubles up to `maxWaitMs`. */
  minWaitMs?: number;
  maxWaitMs?: number;
  /** Without any frame for so long the line is taken as lost, even if the browser says it is open. */
  silenceMs?: number;
  random?: () => number;
}

const SIGNED_OUT = new Set([4401, 4403]);

export class Feed {
  private readonly options: Required<FeedOptions>;
  private socket: WebSocket | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private watchdog: ReturnType<typeof setTimeout> | undefined;
  private attempt = 0;
  private stopped = false;
  private awaitsResume = false;
  private mismatches = 0;
  private seq: number | null = null;
  private digest = GENESIS_DIGEST;

  constructor(options: FeedOptions) {
    this.options = {
      socketClass: globalThis.WebSocket,
      minWaitMs: 400,
      maxWaitMs: 10_000,
      silenceMs: 9_000,
      random: Math.random,
      ...options,
    };
  }

  get position(): { seq: number | null; digest: string } {
    return { seq: this.seq, digest: this.digest };
  }

  start(): void {
    this.stopped = false;
    this.open();
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
    clearTimeout(this.watchdog);
    this.socket?.close(1000);
    this.socket = null;
  }

  private open(): void {
    this.options.handlers.link("connecting");
    const socket = new this.options.socketClass(this.options.url);
    socket.binaryType = "arraybuffer";
    this.socket = socket;
    socket.onopen = () => this.subscribe();
    socket.onmessage = (event) => {
      if (socket !== this.socket) return;
      if (typeof event.data === "string") this.receive(event.data);
      else this.receivePictures(event.data as ArrayBuffer);
    };
    socket.onclose = (event) => {
      if (socket === this.socket) this.closed(event.code);
    };
    this.watch();
  }

  private subscribe(): void {
    const { streams, areas, seat } = this.options;
    this.awaitsResume = true;
    const digest = this.seq === null ? null : this.digest;
    this.send({ type: "subscribe", since: this.seq, digest, streams, areas, seat });
  }

  private send(message: object): void {
    if (this.socket?.readyState === 1) this.socket.send(JSON.stringify(message));
  }

  private closed(code: number): void {
    this.socket = null;
    clearTimeout(this.watchdog);
    if (this.stopped) return;
    this.options.handlers.link(SIGNED_OUT.has(code) ? "refused" : "lost");
    const { minWaitMs, maxWaitMs, random } = this.options;
    const wait = Math.min(maxWaitMs, minWaitMs * 2 ** Math.min(this.attempt, 10));
    this.attempt += 1;
    this.timer = setTimeout(() => this.open(), wait * (0.5 + random() / 2));
  }

  /** Start over on a new line, at `since` the last fact we hold, or with a snapshot. */
  private restart(fromSnapshot: boolean): void {
    if (fromSnapshot) this.seq = null;
    const old = this.socket;
    this.socket = null;
    old?.close(1000);
    this.closed(1000);
  }

  private watch(): void {
    clearTimeout(this.watchdog);
    this.watchdog = setTimeout(() => this.restart(false), this.options.silenceMs);
  }

  private receive(text: string): void {
    this.watch();
    const frame = JSON.parse(text) as { type: string };
    const { handlers } = this.options;
    if (frame.type === "snapshot") this.onSnapshot(frame as SnapshotFrame);
    else if (frame.type === "fact") this.onFact(frame as unknown as Fact, text);
    else if (frame.type === "beat") this.onBeat(frame as BeatFrame);
    else if (frame.type === "positions") handlers.positions(frame as PositionsFrame);
    else if (frame.type === "health") handlers.health(frame as HealthFrame);
    else if (frame.type === "resume") this.restart(false);
  }

  private receivePictures(message: ArrayBuffer): void {
    this.watch();
    this.options.handlers.binary?.(message);
  }

  private onSnapshot(frame: SnapshotFrame): void {
    this.seq = frame.seq;
    this.digest = frame.digest;
    this.awaitsResume = false;
    this.goLive();
    this.options.handlers.snapshot(frame);
  }

  private onFact(fact: Fact, text: string): void {
    const seq = this.seq ?? 0;
    if (fact.seq <= seq) return;
    // Right after resuming, `prev` may name an older fact than ours when the server counts this line from its start.
    const gap = this.awaitsResume ? fact.prev > seq : fact.prev !== seq;
    if (gap) {
      this.restart(false);
      return;
    }
    this.awaitsResume = false;
    this.digest = chain(this.digest, fact, rawData(text));
    this.seq = fact.seq;
    this.goLive();
    this.options.handlers.fact(fact);
  }

  private onBeat(frame: BeatFrame): void {
    this.goLive();
    // A page that follows no facts has nothing to agree on.
    const inStep = frame.digest === null || frame.digest === this.digest;
    this.mismatches = inStep ? 0 : this.mismatches + 1;
    this.send({ type: "ack", seq: this.seq ?? 0, digest: this.digest });
    this.options.handlers.beat(frame, inStep);
    // One resume repairs a loss; a second disagreement means the chain itself differs: take the whole state.
    if (this.mismatches === 2) this.restart(frame.seq <= (this.seq ?? 0));
    else if (this.mismatches > 3) this.restart(true);
  }

  private goLive(): void {
    this.attempt = 0;
    this.options.handlers.link("live");
  }
}
