/** The live hall on this page: folds the stream, keeps positions and health beside it, and ticks the server's clock. */
import { defineStore } from "pinia";
import { computed, ref, shallowRef } from "vue";
import { socketUrl } from "../feed/api.ts";
import { Feed, type Link } from "../feed/socket.ts";
import type { BeatFrame, Fact, FactData, HealthFrame, PositionsFrame, UnitRow } from "../feed/types.ts";
import { fold, forget, merge } from "../fold/fold.ts";
import { emptyState, fromSnapshot, type State } from "../fold/state.ts";
import { dayStart } from "../fold/time.ts";
import { useTown } from "./town.ts";

const KEEP_CLOSED_MS = 12 * 3_600_000;
const TIDY_EVERY_MS = 600_000;

export interface Start {
  streams: string[];
  areas: string[];
  seat: "desk" | "wall" | "phone";
}

export const useHall = defineStore("hall", () => {
  const state = shallowRef<State>(emptyState);
  const link = ref<Link>("connecting");
  const loaded = ref(false);
  const beat = shallowRef<BeatFrame | null>(null);
  const inStep = ref(true);
  const units = shallowRef<ReadonlyMap<string, UnitRow>>(new Map());
  const positionsAt = ref<number | null>(null);
  const dropped = ref(0);
  const health = shallowRef<HealthFrame | null>(null);
  const cameraStates = shallowRef<ReadonlyMap<string, string>>(new Map());
  /** Goes up whenever the rounds that people go may be others. */
  const roundsAt = ref(0);
  const lastFrameAt = ref<number | null>(null);
  const now = ref(Date.now());
  let offsetMs = 0;
  let feed: Feed | null = null;
  let ticking: ReturnType<typeof setInterval> | undefined;
  let queue: Fact[] = [];
  let tidiedAt = Date.now();

  const serverNow = () => Date.now() + offsetMs;

  /** Facts of one burst are folded together, so that a resume of thousands draws once. */
  function flush(): void {
    const facts = queue;
    queue = [];
    if (facts.length > 0) state.value = facts.reduce(fold, state.value);
  }

  function onFact(fact: Fact): void {
    if (queue.length === 0) setTimeout(flush, 0);
    queue.push(fact);
    if (fact.kind === "registry.imported" || fact.kind === "registry.basemap_built") void useTown().renew();
    if (fact.kind === "patrol.rounds_changed") roundsAt.value += 1;
  }

  function onPositions(frame: PositionsFrame): void {
    const next = new Map(units.value);
    for (const row of frame.units) next.set(row[0], row);
    units.value = next;
    positionsAt.value = Date.parse(frame.now);
    dropped.value += frame.dropped;
  }

  function onHealth(frame: HealthFrame): void {
    health.value = frame;
    if (Object.keys(frame.cameras).length === 0) return;
    cameraStates.value = new Map([...cameraStates.value, ...Object.entries(frame.cameras)]);
  }

  function onBeat(frame: BeatFrame, agrees: boolean): void {
    const server = Date.parse(frame.now);
    offsetMs = server - Date.now();
    lastFrameAt.value = server;
    beat.value = frame;
    inStep.value = agrees;
    if (server - tidiedAt < TIDY_EVERY_MS) return;
    tidiedAt = server;
    state.value = forget(state.value, Math.min(dayStart(server), server - KEEP_CLOSED_MS));
  }

  function start(options: Start): void {
    stop();
    feed = new Feed({
      url: socketUrl("/ws"),
      ...options,
      handlers: {
        link: (next) => {
          if (link.value !== next) link.value = next;
        },
        snapshot: (frame) => {
          queue = [];
          state.value = fromSnapshot(frame.seq, frame.state, frame.state.recent ?? state.value.recent);
          loaded.value = true;
          roundsAt.value += 1;
        },
        fact: onFact,
        positions: onPositions,
        health: onHealth,
        beat: onBeat,
      },
    });
    feed.start();
    ticking = setInterval(() => {
      now.value = serverNow();
    }, 1000);
  }

  function stop(): void {
    feed?.stop();
    feed = null;
    clearInterval(ticking);
    queue = [];
    state.value = emptyState;
    loaded.value = false;
    beat.value = null;
    units.value = new Map();
    cameraStates.value = new Map();
    health.value = null;
    positionsAt.value = null;
  }

  /** Show the answer of a command at once; its fact follows within a moment and changes nothing more. */
  const take = (data: FactData) => {
    state.value = merge(state.value, data);
  };

  const faulty = computed(() => [...cameraStates.value].filter(([, cameraState]) => cameraState !== "online").length);

  return {
    state,
    link,
    loaded,
    beat,
    inStep,
    units,
    positionsAt,
    dropped,
    health,
    cameraStates,
    faulty,
    roundsAt,
    lastFrameAt,
    now,
    serverNow,
    start,
    stop,
    take,
  };
});
