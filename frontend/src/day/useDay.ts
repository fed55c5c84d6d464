/** The day that is read: its report, what is chosen of it, and the duty that is looked at. */
import { computed, onBeforeUnmount, ref, shallowRef, watch } from "vue";
import { api } from "../feed/api.ts";
import type { DutyDetail, Judgement } from "../feed/types.ts";
import { dateText } from "../fold/time.ts";
import { useCommand } from "../stores/command.ts";
import { useHall } from "../stores/hall.ts";
import { type Choice, dutiesOf, midnightOf } from "./choice.ts";
import type { DayReport } from "./types.ts";

/** A day that is still going on is read again now and then. */
const AGAIN_MS = 30_000;

export function useDay(first: string | null) {
  const hall = useHall();
  const day = ref(first ?? "");
  const report = shallowRef<DayReport | null>(null);
  const choice = shallowRef<Choice | null>(null);
  const detail = shallowRef<DutyDetail | null>(null);
  const judgements = shallowRef<Judgement[]>([]);
  const ask = useCommand();
  const look = useCommand();
  let asked = 0;

  const midnight = computed(() => midnightOf(day.value));
  const chosen = computed(() =>
    report.value && choice.value ? dutiesOf(report.value.duties, choice.value, midnight.value) : [],
  );

  async function read(): Promise<void> {
    const date = day.value;
    if (!date) return;
    asked += 1;
    const mine = asked;
    const found = await ask.run(() => api.patrolDay(date));
    // An answer that was overtaken by a change of the date is not shown.
    if (found && mine === asked) report.value = found;
  }
  function choose(next: Choice | null): void {
    choice.value = next;
    detail.value = null;
    judgements.value = [];
  }
  async function show(dutyId: string): Promise<void> {
    const found = await look.run(() => Promise.all([api.duty(dutyId), api.judgements(dutyId)]));
    if (found) [detail.value, judgements.value] = found;
  }

  // The server's clock says which day it is.
  watch(
    () => hall.loaded,
    (loaded) => {
      if (loaded && !day.value) day.value = dateText(hall.now);
    },
    { immediate: true },
  );
  watch(
    day,
    () => {
      choose(null);
      report.value = null;
      void read();
    },
    { immediate: true },
  );
  const timer = setInterval(() => {
    if (!document.hidden && day.value === dateText(hall.now)) void read();
  }, AGAIN_MS);
  onBeforeUnmount(() => clearInterval(timer));

  return { day, midnight, report, choice, chosen, detail, judgements, ask, look, read, choose, show };
}
