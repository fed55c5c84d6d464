/** Plays an hour of the day again: its tracks, a moment that runs, and the keys that drive it. */
import { computed, onBeforeUnmount, onMounted, ref, shallowRef } from "vue";
import { api } from "../feed/api.ts";
import { useCommand } from "../stores/command.ts";
import { midnightOf } from "./choice.ts";
import { type Track, tracksOf } from "./replay.ts";
import type { EventOfDay } from "./types.ts";

export const SPEEDS = [1, 5, 15, 30, 60] as const;
const STEP_S = 10;
const LEAP_S = 60;
const LENGTH_S = 3600;

const typing = (target: EventTarget | null) =>
  target instanceof HTMLElement &&
  (target.closest("dialog,select,textarea") !== null ||
    (target instanceof HTMLInputElement && target.type !== "range"));

export function usePlayer(day: () => string) {
  const hour = ref<number | null>(null);
  const tracks = shallowRef<Track[]>([]);
  const events = shallowRef<EventOfDay[]>([]);
  const second = ref(0);
  const playing = ref(false);
  const speed = ref<(typeof SPEEDS)[number]>(15);
  const ask = useCommand();
  let frame = 0;
  let lastMs = 0;

  const startMs = computed(() => midnightOf(day()) + (hour.value ?? 0) * LENGTH_S * 1000);
  const nowMs = computed(() => startMs.value + second.value * 1000);

  async function open(next: number): Promise<void> {
    pause();
    const from = midnightOf(day()) + next * LENGTH_S * 1000;
    const span = [new Date(from).toISOString(), new Date(from + LENGTH_S * 1000).toISOString()] as const;
    const answer = await ask.run(() => api.dayTracks(day(), ...span));
    if (!answer) return;
    tracks.value = tracksOf(answer);
    events.value = answer.events;
    hour.value = next;
    second.value = 0;
  }
  function close(): void {
    pause();
    hour.value = null;
    tracks.value = [];
    events.value = [];
  }
  function seek(to: number): void {
    second.value = Math.min(LENGTH_S, Math.max(0, to));
  }
  function tick(nowAtMs: number): void {
    seek(second.value + ((nowAtMs - lastMs) / 1000) * speed.value);
    lastMs = nowAtMs;
    if (second.value >= LENGTH_S) pause();
    else frame = requestAnimationFrame(tick);
  }
  function play(): void {
    if (hour.value === null) return;
    if (second.value >= LENGTH_S) second.value = 0;
    playing.value = true;
    lastMs = performance.now();
    frame = requestAnimationFrame(tick);
  }
  function pause(): void {
    playing.value = false;
    cancelAnimationFrame(frame);
  }
  const toggle = () => (playing.value ? pause() : play());

  function onKey(event: KeyboardEvent): void {
    if (hour.value === null || typing(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
    const by = event.shiftKey ? LEAP_S : STEP_S;
    if (event.key === " ") toggle();
    else if (event.key === "ArrowLeft") seek(second.value - by);
    else if (event.key === "ArrowRight") seek(second.value + by);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
  }
  onMounted(() => addEventListener("keydown", onKey));
  onBeforeUnmount(() => {
    pause();
    removeEventListener("keydown", onKey);
  });

  return {
    hour,
    tracks,
    events,
    second,
    playing,
    speed,
    startMs,
    nowMs,
    busy: ask.busy,
    error: ask.error,
    open,
    close,
    seek,
    toggle,
    lengthS: LENGTH_S,
  };
}
