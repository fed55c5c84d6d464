/** A responder's own position: taken from the phone when the browser allows it, and reported to the hall. */
import { onBeforeUnmount, onMounted, ref, shallowRef } from "vue";
import { api } from "../feed/api.ts";
import type { LonLat } from "../feed/types.ts";

const REPORT_EVERY_MS = 5000;

export type PositionState = "asking" | "on" | "refused" | "insecure";

export function useOwnPosition(serverNow: () => number) {
  const lonlat = shallowRef<LonLat | null>(null);
  const takenAtMs = ref<number | null>(null);
  const state = ref<PositionState>("asking");
  let watching: number | undefined;
  let reportedAt = 0;

  function report(position: GeolocationPosition): void {
    const { longitude, latitude, accuracy, speed, heading } = position.coords;
    lonlat.value = [longitude, latitude];
    takenAtMs.value = serverNow();
    state.value = "on";
    if (Date.now() - reportedAt < REPORT_EVERY_MS) return;
    reportedAt = Date.now();
    const sent = {
      at: new Date(serverNow()).toISOString(),
      lon: longitude,
      lat: latitude,
      accuracy_m: accuracy,
      ...(speed === null ? {} : { speed_mps: speed }),
      ...(heading === null || Number.isNaN(heading) ? {} : { heading_deg: heading }),
    };
    // A position that does not get through is not sent again: the next one is fresher.
    api.sendPositions([sent]).catch(() => undefined);
  }

  onMounted(() => {
    if (!window.isSecureContext || !navigator.geolocation) {
      state.value = "insecure";
      return;
    }
    watching = navigator.geolocation.watchPosition(
      report,
      () => {
        state.value = "refused";
      },
      { enableHighAccuracy: true, maximumAge: 5000, timeout: 30_000 },
    );
  });
  onBeforeUnmount(() => {
    if (watching !== undefined) navigator.geolocation.clearWatch(watching);
  });

  return { lonlat, takenAtMs, state };
}
