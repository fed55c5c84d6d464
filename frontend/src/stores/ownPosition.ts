/**
 * A responder's own position: taken from the phone when the browser allows it, and reported to the hall. Without a line
 * positions wait in the phone and follow with their own times.
 */
import { computed, onBeforeUnmount, onMounted, ref, shallowRef } from "vue";
import { ApiError, api } from "../feed/api.ts";
import { Outbox, type OwnReport } from "../feed/outbox.ts";
import type { LonLat } from "../feed/types.ts";
import { useAwake } from "./awake.ts";
import { useBattery } from "./battery.ts";

const REPORT_EVERY_MS = 5000;
/** A watch that tells nothing for so long is asleep or was taken away. */
const QUIET_AFTER_MS = 60_000;
const LOW_BATTERY = 0.15;

export type PositionState = "asking" | "on" | "refused" | "insecure";
/** What to tell the holder of the phone: positions do not come, or soon may not. */
export type Trouble = "off" | "quiet" | "sleepy" | null;

/** What the hall will never take must not keep the rest waiting: a refusal that would be the same next time is an end. */
async function deliver(reports: OwnReport[]): Promise<void> {
  try {
    await api.sendPositions(reports);
  } catch (error) {
    const final = error instanceof ApiError && [400, 403, 413, 422].includes(error.status);
    if (!final) throw error;
  }
}

export function useOwnPosition(serverNow: () => number, personId: string) {
  const lonlat = shallowRef<LonLat | null>(null);
  const takenAtMs = ref<number | null>(null);
  const state = ref<PositionState>("asking");
  const waiting = ref(0);
  const charge = useBattery();
  const awake = useAwake();
  const outbox = new Outbox(localStorage, `yiping.positions.${personId}`, deliver);
  let watching: number | undefined;
  let timer: number | undefined;
  let reportedAt = 0;

  function take(position: GeolocationPosition): void {
    const { longitude, latitude, accuracy, speed, heading } = position.coords;
    lonlat.value = [longitude, latitude];
    takenAtMs.value = serverNow();
    state.value = "on";
    if (Date.now() - reportedAt < REPORT_EVERY_MS) return;
    reportedAt = Date.now();
    // The phone may give a fix late; its age is known even where its clock is wrong.
    const ageMs = Math.min(Math.max(0, Date.now() - position.timestamp), REPORT_EVERY_MS * 12);
    const report: OwnReport = {
      at: new Date(serverNow() - ageMs).toISOString(),
      lon: longitude,
      lat: latitude,
      accuracy_m: accuracy,
      ...(speed === null ? {} : { speed_mps: speed }),
      ...(heading === null || Number.isNaN(heading) ? {} : { heading_deg: heading }),
      ...(charge.value ?? {}),
    };
    outbox.add(report);
    void flush();
  }

  async function flush(): Promise<void> {
    await outbox.flush(serverNow());
    waiting.value = outbox.size;
  }

  function watch(): void {
    if (watching !== undefined) navigator.geolocation.clearWatch(watching);
    watching = navigator.geolocation.watchPosition(
      take,
      (error) => {
        if (error.code === error.PERMISSION_DENIED) state.value = "refused";
      },
      { enableHighAccuracy: true, maximumAge: 5000, timeout: 30_000 },
    );
  }
  /** Back from the background: the system may have ended the watch without a word. */
  function wake(): void {
    if (document.visibilityState !== "visible") return;
    watch();
    void flush();
  }

  onMounted(() => {
    addEventListener("online", flush);
    timer = window.setInterval(flush, REPORT_EVERY_MS * 2);
    if (!window.isSecureContext || !navigator.geolocation) {
      state.value = "insecure";
      return;
    }
    watch();
    document.addEventListener("visibilitychange", wake);
  });
  onBeforeUnmount(() => {
    removeEventListener("online", flush);
    document.removeEventListener("visibilitychange", wake);
    window.clearInterval(timer);
    if (watching !== undefined) navigator.geolocation.clearWatch(watching);
  });

  /** @param nowMs the hall's time, from what the page shows. */
  const troubleAt = (nowMs: number): Trouble => {
    if (state.value === "refused" || state.value === "insecure") return "off";
    if (takenAtMs.value !== null && nowMs - takenAtMs.value > QUIET_AFTER_MS) return "quiet";
    const low = charge.value !== null && !charge.value.charging && charge.value.battery < LOW_BATTERY;
    return low || (state.value === "on" && !awake.value) ? "sleepy" : null;
  };
  return { lonlat, takenAtMs, state, waiting: computed(() => waiting.value), troubleAt };
}
