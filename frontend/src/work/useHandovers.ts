/** What the own station handed over, asked for anew when anything is told, for receipt and feedback come by themselves. */
import { onBeforeUnmount, type Ref, ref, watch } from "vue";
import { api } from "../feed/api.ts";
import type { Handover } from "./types.ts";

const AGAIN_MS = 30_000;

export function useHandovers(given: Readonly<Ref<boolean>>) {
  const handovers = ref<Handover[]>([]);
  async function ask(): Promise<void> {
    if (given.value) handovers.value = await api.handovers().catch(() => handovers.value);
  }
  watch(given, ask, { immediate: true });
  const again = setInterval(ask, AGAIN_MS);
  onBeforeUnmount(() => clearInterval(again));
  return { handovers, ask };
}
