/** Keeps the screen of a phone on while its page is looked at: a dark page reports nothing. */
import { onBeforeUnmount, onMounted, ref } from "vue";

export function useAwake() {
  const awake = ref(false);
  let lock: WakeLockSentinel | null = null;

  async function hold(): Promise<void> {
    if (document.visibilityState !== "visible" || !("wakeLock" in navigator)) return;
    try {
      lock = await navigator.wakeLock.request("screen");
      awake.value = true;
      lock.addEventListener("release", () => {
        awake.value = false;
      });
    } catch {
      // Refused, mostly because the phone saves power: the page says so.
      awake.value = false;
    }
  }

  onMounted(() => {
    void hold();
    // The system takes the lock away with the page; it is asked for again when the page is back.
    document.addEventListener("visibilitychange", hold);
  });
  onBeforeUnmount(() => {
    document.removeEventListener("visibilitychange", hold);
    void lock?.release();
  });
  return awake;
}
