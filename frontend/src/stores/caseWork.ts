/** What a desk asks the server about the case in hand: facts, candidates, cameras near; asked again when it changes. */
import { onBeforeUnmount, type Ref, ref, shallowRef, watch } from "vue";
import { useI18n } from "vue-i18n";
import { ApiError, api } from "../feed/api.ts";
import type { Candidates, Case, CaseFact, NearCamera } from "../feed/types.ts";

const RANK_AGAIN_MS = 10_000;

export function useCaseWork(item: Ref<Case | null>, mayDispatch: Ref<boolean>) {
  const { t } = useI18n();
  const facts = shallowRef<CaseFact[] | null>(null);
  const candidates = shallowRef<Candidates | null>(null);
  const failed = ref("");
  const near = shallowRef<NearCamera[] | null>(null);

  const wants = () =>
    item.value !== null && mayDispatch.value && !["RESOLVED", "RATED", "ARCHIVED"].includes(item.value.state);

  /** Answers that arrive after the desk has turned to another case are dropped. */
  async function rank(): Promise<void> {
    const id = item.value?.id;
    if (!id || !wants()) return;
    try {
      const answer = await api.candidates(id);
      if (item.value?.id !== id) return;
      candidates.value = answer;
      failed.value = "";
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (item.value?.id === id) failed.value = error.message || t("error.offline");
    }
  }

  async function tell(): Promise<void> {
    const id = item.value?.id;
    if (!id) return;
    const detail = await api.caseDetail(id).catch(() => null);
    if (detail && item.value?.id === id) facts.value = detail.facts;
  }

  async function look(): Promise<void> {
    const id = item.value?.id;
    if (!id) return;
    const answer = await api.nearCameras(id).catch(() => []);
    if (item.value?.id === id) near.value = answer;
  }

  watch(
    () => item.value?.id,
    () => {
      facts.value = null;
      candidates.value = null;
      near.value = null;
      failed.value = "";
      void look();
    },
    { immediate: true },
  );
  watch(
    [() => item.value?.id, () => item.value?.version],
    () => {
      void tell();
      void rank();
    },
    { immediate: true },
  );
  const again = setInterval(() => void rank(), RANK_AGAIN_MS);
  onBeforeUnmount(() => clearInterval(again));

  return { facts, candidates, failed, near, rank };
}
