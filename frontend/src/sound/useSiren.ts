/** Sound for a page: called by the gravest alert nobody has taken, armed at the first gesture, silenced by name. */
import { computed, onBeforeUnmount, onMounted, ref, watch } from "vue";
import { soundingLevel } from "../fold/lists.ts";
import { useHall } from "../stores/hall.ts";
import { useSession } from "../stores/session.ts";
import { Siren } from "./tones.ts";

const SILENCE_MS = 180_000;

export function useSiren() {
  const hall = useHall();
  const session = useSession();
  const armed = ref(false);
  const silence = ref<{ name: string; untilMs: number } | null>(null);
  const siren = new Siren((next) => {
    armed.value = next;
  });
  const level = computed(() => soundingLevel(hall.state));
  const silenced = computed(() => silence.value !== null && silence.value.untilMs > hall.now);

  watch([level, silenced], ([next, quiet]) => siren.call(quiet ? null : next), { immediate: true });
  // An alert that comes while it is silent sounds again: silence covers what its giver has seen.
  watch(
    () => [...hall.state.alerts.values()].filter((alert) => alert.state === "raised").length,
    (count, before) => {
      if (count > before) silence.value = null;
    },
  );

  const arm = () => void siren.arm();
  const hush = () => {
    silence.value = { name: session.me?.display_name ?? "", untilMs: hall.now + SILENCE_MS };
  };

  onMounted(() => {
    arm();
    addEventListener("pointerdown", arm);
    addEventListener("keydown", arm);
  });
  onBeforeUnmount(() => {
    removeEventListener("pointerdown", arm);
    removeEventListener("keydown", arm);
    siren.stop();
  });

  return { armed, silence, silenced, level, arm, hush };
}
