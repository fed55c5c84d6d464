/** What the page of figures holds: what is asked (in the address), the answer, and the cases of one number. */
import { computed, onBeforeUnmount, ref, shallowRef, watch } from "vue";
import { useRoute, useRouter } from "vue-router";
import { api } from "../feed/api.ts";
import { useCommand } from "../stores/command.ts";
import type { Asked, Behind, Choice, Figures } from "./types.ts";

/** Cases go on: what is shown is read again now and then, unless reckoning it takes the hall a while. */
const AGAIN_MS = 60_000;
const QUICK_MS = 2_000;
const PAGE = 50;

export function useFigures() {
  const route = useRoute();
  const router = useRouter();
  const found = shallowRef<Figures | null>(null);
  const choice = shallowRef<Choice | null>(null);
  const behind = shallowRef<Behind | null>(null);
  const ask = useCommand();
  const look = useCommand();
  const stale = ref(false);
  let tookMs = 0;

  const word = (name: string) => (typeof route.query[name] === "string" ? (route.query[name] as string) : undefined);
  const asked = computed<Asked>(() => ({
    since: word("since"),
    until: word("until"),
    area: word("area"),
    way: word("way"),
  }));
  const same = (one: Asked) => JSON.stringify(one) === JSON.stringify(asked.value);

  const change = (more: Asked) => router.replace({ query: { ...route.query, ...more } });

  async function read(): Promise<void> {
    const mine = asked.value;
    if (ask.busy.value) return;
    const began = performance.now();
    const answer = await ask.run(() => api.figures(mine));
    tookMs = performance.now() - began;
    if (!same(mine)) return read();
    stale.value = answer === null;
    if (answer) found.value = answer;
  }
  async function open(next: Choice | null): Promise<void> {
    choice.value = next;
    behind.value = null;
    if (next) await more();
  }
  /** The next page of the cases of a number. */
  async function more(): Promise<void> {
    const [mine, next, have] = [asked.value, choice.value, behind.value];
    if (!next) return;
    const answer = await look.run(() => api.figureCases(next, mine, PAGE, have?.lines.length ?? 0));
    if (!answer || choice.value !== next || !same(mine)) return;
    behind.value = { ...answer, lines: [...(have?.lines ?? []), ...answer.lines] };
  }

  watch(
    asked,
    () => {
      void open(null);
      void read();
    },
    { immediate: true },
  );
  const timer = setInterval(() => {
    if (!document.hidden && tookMs < QUICK_MS) void read();
  }, AGAIN_MS);
  onBeforeUnmount(() => clearInterval(timer));

  return { asked, found, choice, behind, ask, look, stale, change, read, open, more };
}
