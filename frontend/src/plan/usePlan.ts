/** The plan at hand: which day, which version, its search, its changes. */
import { computed, onBeforeUnmount, ref, shallowRef, watch } from "vue";
import { api } from "../feed/api.ts";
import { dateText } from "../fold/time.ts";
import { useCommand } from "../stores/command.ts";
import { useHall } from "../stores/hall.ts";
import type { PlanDetail, PlanMove, PlanProgress, PlanView, PlanWays } from "./types.ts";

const POLL_MS = 500;
/** A day of plans begins at five in the morning. */
const DAY_BEGINS_MS = 5 * 3_600_000;

export function usePlan() {
  const hall = useHall();
  const day = ref(dateText(hall.now));
  const wanted = ref(0.3);
  const fromNow = ref(true);
  const plans = shallowRef<PlanView[]>([]);
  const detail = shallowRef<PlanDetail | null>(null);
  const ways = shallowRef<PlanWays>({});
  const progress = shallowRef<PlanProgress | null>(null);
  /** The plan as it would be after the move under way, and the problems that come of it. */
  const tried = shallowRef<PlanDetail | null>(null);
  const { busy, error, run } = useCommand();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let trying = false;
  let nextTry: PlanMove | null = null;
  /** Whether an answer on its way is still waited for; whoever lets go of a stop wants none. */
  let wanting = false;

  const current = computed(() => detail.value?.plan ?? null);
  const editable = computed(() => current.value?.state === "draft");
  /** Whether people go by a plan of this day now. */
  const begun = computed(() => hall.loaded && day.value === dateText(hall.now - DAY_BEGINS_MS));

  async function list(): Promise<void> {
    const found = await api.plans(day.value).catch(() => null);
    if (found) plans.value = found;
  }

  async function show(id: string): Promise<void> {
    clearTimeout(timer);
    const found = await run(() => api.plan(id));
    // Another day may have been chosen while this was on its way.
    if (!found || found.plan.day !== day.value) return;
    tried.value = null;
    detail.value = found;
    if (found.plan.state === "solving") {
      ways.value = {};
      return poll(id);
    }
    progress.value = null;
    const drawn = await api.planWays(id).catch(() => ({}));
    if (current.value?.id === id) ways.value = drawn;
  }

  async function poll(id: string): Promise<void> {
    const now = await api.planProgress(id).catch(() => null);
    if (current.value?.id !== id) return;
    if (now && !now.running) {
      await list();
      return show(id);
    }
    if (now) progress.value = now;
    timer = setTimeout(() => void poll(id), POLL_MS);
  }

  /** Begin a search and follow it. */
  async function follow(send: () => Promise<PlanView>): Promise<void> {
    const view = await run(send);
    if (!view) return;
    ways.value = {};
    await list();
    await show(view.id);
  }
  const make = () => follow(() => api.makePlan(day.value, wanted.value, fromNow.value));
  const relax = (proposal: number, relaxation: number) =>
    follow(() => api.relaxPlan(current.value?.id ?? "", proposal, relaxation));
  const dropOut = (teamId: string) => follow(() => api.dropOut(current.value?.id ?? "", [teamId]));

  /** Ask what a move would do; while an answer is on its way only the newest question waits. */
  async function attempt(move: Omit<PlanMove, "version">): Promise<void> {
    const plan = current.value;
    if (!plan) return;
    nextTry = { ...move, version: plan.version };
    if (trying) return;
    trying = true;
    while (nextTry) {
      const asked: PlanMove = nextTry;
      nextTry = null;
      wanting = true;
      const answer = await api.tryMove(plan.id, asked).catch(() => null);
      if (answer && wanting && current.value?.version === plan.version) tried.value = answer;
    }
    trying = false;
  }

  function forgetTry(): void {
    nextTry = null;
    wanting = false;
    tried.value = null;
  }

  async function move(change: Omit<PlanMove, "version">): Promise<void> {
    const plan = current.value;
    if (!plan) return;
    const found = await run(() => api.moveStop(plan.id, { ...change, version: plan.version }));
    forgetTry();
    if (!found) return;
    detail.value = found;
    ways.value = await api.planWays(plan.id).catch(() => ways.value);
  }

  async function publish(): Promise<void> {
    const plan = current.value;
    const view = plan ? await run(() => api.publishPlan(plan.id, plan.version)) : null;
    if (view && detail.value) detail.value = { ...detail.value, plan: view };
    if (view) await list();
  }

  watch(
    day,
    async () => {
      clearTimeout(timer);
      detail.value = null;
      progress.value = null;
      ways.value = {};
      forgetTry();
      await list();
      const best = plans.value.find((one) => one.state !== "failed" && one.state !== "replaced") ?? plans.value[0];
      if (best) await show(best.id);
    },
    { immediate: true },
  );
  // Another seat may plan the same day.
  watch(
    () => hall.state.recent.find((fact) => fact.kind.startsWith("patrol.plan_"))?.seq,
    () => void list(),
  );
  onBeforeUnmount(() => clearTimeout(timer));

  return {
    day,
    wanted,
    fromNow,
    begun,
    plans,
    detail,
    ways,
    progress,
    tried,
    busy,
    error,
    current,
    editable,
    show,
    make,
    relax,
    dropOut,
    attempt,
    forgetTry,
    move,
    publish,
  };
}
