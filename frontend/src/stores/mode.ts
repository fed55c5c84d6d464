/** 平时、战时 of the own center: asked for once, and again whenever somebody turns it. */
import { onMounted, shallowRef, watch } from "vue";
import { api } from "../feed/api.ts";
import type { Mode } from "../work/types.ts";
import { useHall } from "./hall.ts";

export function useMode() {
  const hall = useHall();
  const mode = shallowRef<Mode | null>(null);
  async function ask(): Promise<void> {
    mode.value = await api.mode().catch(() => mode.value);
  }
  onMounted(ask);
  watch(
    () => [hall.link, hall.state.recent.find((fact) => fact.kind === "response.mode_set")?.seq],
    () => void ask(),
  );
  return { mode };
}
