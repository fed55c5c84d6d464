import { once } from "node:events";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { WebSocket as NodeSocket, WebSocketServer } from "ws";
import { chain, GENESIS_DIGEST } from "../src/feed/digest.ts";
import { Feed, type Link } from "../src/feed/socket.ts";
import type { Fact, SnapshotFrame } from "../src/feed/types.ts";

type Message = { type: string; since?: number | null; seq?: number; digest?: string };

/** A server that speaks the stream's protocol over a real socket and does what each test tells it. */
class Server {
  readonly server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  readonly messages: Message[] = [];
  lines: NodeSocket[] = [];
  onSubscribe: (line: NodeSocket, since: number | null) => void = () => undefined;
  private waiting: (() => void)[] = [];

  constructor() {
    this.server.on("connection", (line) => {
      this.lines.push(line as unknown as NodeSocket);
      line.on("message", (text) => this.receive(line as unknown as NodeSocket, JSON.parse(String(text))));
    });
  }

  private receive(line: NodeSocket, message: Message): void {
    this.messages.push(message);
    if (message.type === "subscribe") this.onSubscribe(line, message.since ?? null);
    for (const wake of this.waiting.splice(0)) wake();
  }

  async until(test: () => boolean): Promise<void> {
    while (!test()) await new Promise<void>((wake) => this.waiting.push(wake));
  }

  wake(): void {
    for (const wake of this.waiting.splice(0)) wake();
  }

  get url(): string {
    const address = this.server.address();
    return `ws://127.0.0.1:${typeof address === "object" && address ? address.port : 0}/ws`;
  }
}

const AT = "2026-11-22T02:32:08.000Z";
const emptySnapshot = { alerts: [], cases: [], orders: [], responders: [], points: [], duties: [] };
const body = (seq: number) => `{"note":{"n": ${seq}, "text":"第${seq}条"}}`;
const frame = (seq: number, prev: number) =>
  `{"type":"fact","seq":${seq},"prev":${prev},"kind":"k.told","id":"n${seq}","at":"${AT}","by":null,"area":"3","data":${body(seq)}}`;
const digestTo = (last: number) => {
  let digest = GENESIS_DIGEST;
  for (let seq = 1; seq <= last; seq += 1)
    digest = chain(digest, { seq, kind: "k.told", id: `n${seq}`, at: AT }, body(seq));
  return digest;
};
const beat = (seq: number, digest = digestTo(seq)) =>
  JSON.stringify({
    type: "beat",
    seq,
    digest,
    now: AT,
    seats: { total: 1, in_step: 1, lag_s: 0, behind: [] },
  });
const snapshot = (seq: number) =>
  JSON.stringify({ type: "snapshot", seq, digest: digestTo(seq), state: emptySnapshot });

describe("the live stream", () => {
  let server: Server;
  let feed: Feed;
  let facts: number[];
  let links: Link[];
  let snapshots: SnapshotFrame[];
  let steps: boolean[];

  beforeEach(async () => {
    server = new Server();
    await once(server.server, "listening");
    facts = [];
    links = [];
    snapshots = [];
    steps = [];
    feed = new Feed({
      url: server.url,
      streams: ["facts"],
      areas: ["320724199"],
      seat: "desk",
      socketClass: NodeSocket as unknown as typeof WebSocket,
      minWaitMs: 1,
      maxWaitMs: 5,
      handlers: {
        link: (state) => links.at(-1) !== state && links.push(state),
        snapshot: (got) => snapshots.push(got),
        fact: (fact: Fact) => {
          facts.push(fact.seq);
          server.wake();
        },
        positions: () => undefined,
        health: () => undefined,
        beat: (_, inStep) => steps.push(inStep),
      },
    });
  });

  afterEach(async () => {
    feed.stop();
    for (const line of server.lines) line.terminate();
    server.server.close();
    await once(server.server, "close");
  });

  const acks = () => server.messages.filter((message) => message.type === "ack");
  const subscribes = () => server.messages.filter((message) => message.type === "subscribe");

  test("a new page asks for everything, folds what comes and answers a beat with its own digest", async () => {
    server.onSubscribe = (line) => {
      line.send(snapshot(2));
      line.send(frame(3, 2));
      line.send(frame(4, 3));
      line.send(beat(4));
    };
    feed.start();
    await server.until(() => acks().length > 0);
    expect(subscribes()[0]).toMatchObject({
      since: null,
      streams: ["facts"],
      areas: ["320724199"],
      seat: "desk",
    });
    expect(acks()[0]).toEqual({ type: "ack", seq: 4, digest: digestTo(4) });
    expect([facts, snapshots.length, steps, links.at(-1)]).toEqual([[3, 4], 1, [true], "live"]);
  });

  test("a cut line is taken up again at the last fact, none lost and none twice", async () => {
    server.onSubscribe = (line, since) => {
      if (since === null) {
        line.send(snapshot(0));
        line.send(frame(1, 0));
        line.send(frame(2, 1), () => line.terminate());
        return;
      }
      for (let seq = since; seq <= 5; seq += 1) if (seq > 0) line.send(frame(seq, seq - 1));
      line.send(beat(5));
    };
    feed.start();
    await server.until(() => acks().length > 0);
    expect(subscribes().map((message) => message.since)).toEqual([null, 2]);
    expect(facts).toEqual([1, 2, 3, 4, 5]);
    expect(links).toContain("lost");
    expect(steps).toEqual([true]);
  });

  test("a gap in the numbers makes the page resume before it folds anything further", async () => {
    server.onSubscribe = (line, since) => {
      if (since === null) {
        line.send(snapshot(0));
        line.send(frame(1, 0));
        line.send(frame(3, 2));
        line.send(frame(4, 3));
        return;
      }
      for (let seq = since + 1; seq <= 4; seq += 1) line.send(frame(seq, seq - 1));
      line.send(beat(4));
    };
    feed.start();
    await server.until(() => acks().length > 0);
    expect(subscribes().map((message) => message.since)).toEqual([null, 1]);
    expect(facts).toEqual([1, 2, 3, 4]);
    expect(feed.position).toEqual({ seq: 4, digest: digestTo(4) });
  });

  test("numbers that jump behind a filter are no gap as long as prev is the last one sent", async () => {
    server.onSubscribe = (line) => {
      line.send(snapshot(10));
      line.send(frame(14, 10));
      line.send(frame(29, 14));
    };
    feed.start();
    await server.until(() => facts.length === 2);
    expect(facts).toEqual([14, 29]);
    expect(subscribes()).toHaveLength(1);
  });

  test("told to resume, the page comes back with its number", async () => {
    server.onSubscribe = (line, since) => {
      if (since === null) {
        line.send(snapshot(7));
        line.send('{"type":"resume","since":7}', () => line.close(4008));
      } else line.send(frame(8, 7));
    };
    feed.start();
    await server.until(() => facts.length === 1);
    expect(subscribes().map((message) => message.since)).toEqual([null, 7]);
  });

  test("a digest that stays different makes the page take the whole state again", async () => {
    server.onSubscribe = (line) => {
      line.send(snapshot(1));
      if (subscribes().length === 1) {
        line.send(beat(1, "f".repeat(32)));
        line.send(beat(1, "f".repeat(32)));
      } else line.send(beat(1));
    };
    feed.start();
    await server.until(() => acks().length === 3);
    expect(subscribes().map((message) => message.since)).toEqual([null, null]);
    expect(steps).toEqual([false, false, true]);
    expect(snapshots).toHaveLength(2);
  });
});
