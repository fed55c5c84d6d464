/** What an address that is being typed may mean: asked a moment after the last key, the newest question alone counts. */
import { onBeforeUnmount, type Ref, ref, shallowRef, watch } from "vue";
import { ApiError, api } from "../feed/api.ts";
import type { Addresses } from "../feed/types.ts";

const AFTER_MS = 160;

export function useAddressSearch(text: Ref<string>, open: Ref<boolean>, limit: number) {
  const answer = shallowRef<Addresses | null>(null);
  const error = ref("");
  const busy = ref(false);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let asked = 0;

  async function ask(words: string): Promise<void> {
    asked += 1;
    const turn = asked;
    busy.value = true;
    try {
      const found = await api.addresses(words, limit);
      if (turn !== asked) return;
      answer.value = found;
      error.value = "";
    } catch (problem) {
      if (turn !== asked) return;
      answer.value = null;
      error.value = problem instanceof ApiError ? problem.message || "offline" : String(problem);
    } finally {
      if (turn === asked) busy.value = false;
    }
  }

  watch([text, open], ([now, isOpen]) => {
    clearTimeout(timer);
    const words = now.trim();
    if (!isOpen || words === "") {
      asked += 1;
      busy.value = false;
      answer.value = null;
      error.value = "";
      return;
    }
    busy.value = true;
    timer = setTimeout(() => void ask(words), AFTER_MS);
  });
  onBeforeUnmount(() => clearTimeout(timer));
  return { answer, error, busy };
}
