/** A search of cases that stands in the address, page by page, and the searches that somebody keeps. */
import { computed, onBeforeUnmount, ref, shallowRef, watch } from "vue";
import { useRoute, useRouter } from "vue-router";
import { ApiError, api } from "../feed/api.ts";
import { useCommand } from "../stores/command.ts";
import type { CaseLine } from "../work/types.ts";
import { type Field, type Kept, queryOf, type Wish, wishOf } from "./types.ts";

const TYPING_MS = 250;

export function useFinding() {
  const route = useRoute();
  const router = useRouter();
  const lines = shallowRef<CaseLine[]>([]);
  const count = ref(0);
  const most = ref(0);
  const next = ref<number | null>(null);
  const state = ref<"asked" | "told" | "failed">("asked");
  const problem = ref("");
  const kept = shallowRef<Kept[]>([]);
  const command = useCommand();

  const wish = computed<Wish>(() => wishOf(route.query));
  const words = ref(wish.value.q ?? "");
  const go = (to: Wish) => router.replace({ query: { ...to } });
  const narrow = (field: Field, value: string) => go({ ...wish.value, [field]: value || undefined });

  let asked = 0;
  /** Args: `before` of the page before; null for the first one. */
  async function ask(before: number | null): Promise<void> {
    asked += 1;
    const mine = asked;
    if (before === null) state.value = "asked";
    try {
      const found = await api.found(queryOf(wish.value), before);
      if (mine !== asked) return;
      lines.value = before === null ? found.cases : [...lines.value, ...found.cases];
      [count.value, most.value, next.value] = [found.count, found.most, found.next];
      state.value = "told";
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (mine !== asked) return;
      problem.value = error.message;
      state.value = "failed";
    }
  }
  const more = () => (next.value === null ? undefined : ask(next.value));

  const listKept = async () => {
    kept.value = await api.keptWishes().catch(() => kept.value);
  };
  async function keep(name: string): Promise<boolean> {
    const body = Object.fromEntries(
      Object.entries(wish.value).map(([field, value]) => [field, field === "level" ? Number(value) : value]),
    );
    const done = await command.run(() => api.keepWish(name, body));
    if (done) await listKept();
    return done !== null;
  }
  async function forget(id: string): Promise<void> {
    await command.run(() => api.forgetWish(id));
    await listKept();
  }
  const recall = (one: Kept) => {
    const to = wishOf(Object.fromEntries(Object.entries(one.wish).map(([field, value]) => [field, String(value)])));
    words.value = to.q ?? "";
    return go(to);
  };

  let typing: ReturnType<typeof setTimeout> | undefined;
  watch(words, (text) => {
    clearTimeout(typing);
    typing = setTimeout(() => void narrow("q", text.trim()), TYPING_MS);
  });
  watch(
    () => queryOf(wish.value),
    () => void ask(null),
    { immediate: true },
  );
  void listKept();
  onBeforeUnmount(() => clearTimeout(typing));

  return {
    wish,
    words,
    lines,
    count,
    most,
    next,
    state,
    problem,
    kept,
    narrow,
    go,
    ask,
    more,
    keep,
    forget,
    recall,
    busy: command.busy,
    error: command.error,
  };
}
