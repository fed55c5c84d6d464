/** Charge of this device where the browser tells it (Chromium does), to be sent with positions. */
import { onMounted, shallowRef } from "vue";

interface Battery extends EventTarget {
  level: number;
  charging: boolean;
}

export interface Charge {
  battery: number;
  charging: boolean;
}

export function useBattery() {
  const charge = shallowRef<Charge | null>(null);
  onMounted(async () => {
    const source = (navigator as Navigator & { getBattery?: () => Promise<Battery> }).getBattery;
    const battery = await source?.call(navigator).catch(() => null);
    if (!battery) return;
    const take = () => {
      charge.value = { battery: battery.level, charging: battery.charging };
    };
    take();
    battery.addEventListener("levelchange", take);
    battery.addEventListener("chargingchange", take);
  });
  return charge;
}
