/** 巡防: the published rounds of today on a map. Nothing of it is asked for or reckoned while it is switched off. */
import { computed, ref, shallowRef, watch } from "vue";
import { useI18n } from "vue-i18n";
import type { DayRound } from "../day/types.ts";
import { ApiError, api } from "../feed/api.ts";
import { type RoundNow, roundOf, roundsNow, waysOf } from "../fold/rounds.ts";
import { clockText, dateText } from "../fold/time.ts";
import type { Pick, RoundMark, Scene } from "../wall/scene.ts";
import { useSay } from "../words/say.ts";
import { useHall } from "./hall.ts";

/** A hall looks at its rounds by the minute, not by the second. */
const TICK_MS = 15_000;
const MINUTE_MS = 60_000;

export function useRounds() {
  const { t } = useI18n();
  const { span } = useSay();
  const hall = useHall();
  const on = ref(false);
  const told = shallowRef<DayRound[] | null>(null);
  const failed = ref("");
  const chosenId = ref<string | null>(null);
  const today = computed(() => (on.value && hall.loaded ? dateText(hall.now) : ""));
  let asked = 0;

  async function ask(): Promise<void> {
    asked += 1;
    const mine = asked;
    if (!today.value) {
      told.value = null;
      return;
    }
    try {
      const found = await api.dayRounds(today.value);
      if (mine !== asked) return;
      told.value = found;
      failed.value = "";
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (mine === asked) failed.value = error.message || t("error.offline");
    }
  }
  watch([today, () => hall.roundsAt], () => {
    if (on.value || told.value) void ask();
  });

  const tick = computed(() => (on.value ? Math.floor(hall.now / TICK_MS) * TICK_MS : 0));
  const rounds = computed<RoundNow[]>(() =>
    on.value ? roundsNow(told.value ?? [], hall.state.duties, tick.value) : [],
  );
  const chosen = computed(() => rounds.value.find((one) => one.id === chosenId.value) ?? null);

  const stopName = (one: RoundNow, index: number) => {
    const stop = one.round.stops[index];
    if (!stop) return "";
    return stop.kind === "rest" ? t("plan.restStop") : stop.kind === "standby" ? t("rounds.standby") : stop.name;
  };
  const lateText = (one: RoundNow) =>
    one.lateMs >= MINUTE_MS ? t("rounds.late", { span: span(one.lateMs - (one.lateMs % MINUTE_MS)) }) : "";
  const nextText = (one: RoundNow) => {
    const stop = one.round.stops[one.next ?? -1];
    if (!stop || one.next === null) return t("rounds.homewards");
    return `${clockText(stop.at).slice(0, 5)} ${stopName(one, one.next)}`;
  };

  function markOf(one: RoundNow): RoundMark {
    const selected = one.id === chosenId.value;
    const stop = one.round.stops[one.next ?? -1];
    const { done, left } = waysOf(one, hall.units);
    return {
      id: one.id,
      done,
      left,
      selected,
      pale: chosen.value !== null && !selected,
      next: selected && stop ? { lonlat: [...stop.lonlat], title: nextText(one), note: lateText(one) } : null,
    };
  }
  const marks = computed<RoundMark[]>(() =>
    rounds.value.filter((one) => one.phase === "under_way" || one.id === chosenId.value).map(markOf),
  );
  const dress = (scene: Scene): Scene => (on.value ? { ...scene, rounds: marks.value } : scene);

  /** Whether a pick on the map was a round, or somebody who is on one. */
  function pick(next: Pick): boolean {
    if (!on.value) return false;
    const id = next.kind === "round" ? next.id : next.kind === "unit" ? roundOf(rounds.value, next.id)?.id : undefined;
    if (id) chosenId.value = id;
    return id !== undefined;
  }

  return { on, told, failed, rounds, chosen, chosenId, today, ask, dress, pick, stopName, nextText, lateText };
}

export type Rounds = ReturnType<typeof useRounds>;
