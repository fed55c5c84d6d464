/** Devices that send positions, read anew now and then and whenever one comes into doubt. */
import { onBeforeUnmount, onMounted, shallowRef, watch } from "vue";
import { api } from "../feed/api.ts";
import type { Device, Fact } from "../feed/types.ts";

const EVERY_MS = 20_000;

export function useDevices(recent: () => readonly Fact[], wanted: () => boolean) {
  const devices = shallowRef<Device[] | null>(null);
  let timer: number | undefined;

  async function load(): Promise<void> {
    if (wanted()) devices.value = await api.devices().catch(() => devices.value);
  }

  onMounted(() => {
    void load();
    timer = window.setInterval(load, EVERY_MS);
  });
  onBeforeUnmount(() => window.clearInterval(timer));
  watch(
    () => recent().find((fact) => fact.kind.startsWith("ingest.device_"))?.seq,
    () => void load(),
  );
  return devices;
}
