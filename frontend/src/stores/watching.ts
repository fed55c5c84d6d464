/** One camera's settings as they are, as a person is changing them, and what they would have told. */
import { computed, onBeforeUnmount, type Ref, ref, shallowRef, watch } from "vue";
import { useI18n } from "vue-i18n";
import { ApiError, api } from "../feed/api.ts";
import type { CameraHealth, CameraLearned, Preview, Watch, WatchAnswer, Zone } from "../feed/types.ts";
import { choicesOf, sameChoices } from "../watch/shapes.ts";
import { useCommand } from "./command.ts";

const PREVIEW_AFTER_MS = 350;
const AGAIN_MS = 30_000;
const HOUR_MS = 3_600_000;

export function useWatching(cameraId: Ref<string | null>, hours: Ref<number>, serverNow: () => number) {
  const { t } = useI18n();
  const stored = shallowRef<WatchAnswer | null>(null);
  const draft = shallowRef<Watch | null>(null);
  const health = shallowRef<CameraHealth | null>(null);
  const learned = shallowRef<CameraLearned | null>(null);
  const preview = shallowRef<Preview | null>(null);
  const missing = ref("");
  const refused = ref("");
  const saved = ref(false);
  const save = useCommand();
  let trying: ReturnType<typeof setTimeout> | undefined;
  let asked = 0;

  const dirty = computed(
    () => stored.value !== null && draft.value !== null && !sameChoices(stored.value.watch, draft.value),
  );
  const text = (problem: unknown) =>
    problem instanceof ApiError ? (problem.status === 0 ? t("error.offline") : problem.message) : t("error.unknown");

  async function load(id: string | null): Promise<void> {
    stored.value = draft.value = health.value = learned.value = preview.value = null;
    missing.value = refused.value = save.error.value = "";
    saved.value = false;
    if (!id) return;
    try {
      const answer = await api.watch(id);
      if (id !== cameraId.value) return;
      stored.value = answer;
      draft.value = answer.watch;
    } catch (problem) {
      if (id === cameraId.value) missing.value = text(problem);
      return;
    }
    void look(id);
  }

  /** Health and what was learned; a line that is down leaves what was there. */
  async function look(id: string): Promise<void> {
    const since = new Date(serverNow() - hours.value * HOUR_MS).toISOString();
    const [nextHealth, nextLearned] = await Promise.all([
      api.cameraHealth(id, since).catch(() => null),
      api.cameraLearned(id).catch(() => null),
    ]);
    if (id !== cameraId.value) return;
    health.value = nextHealth ?? health.value;
    learned.value = nextLearned ?? learned.value;
  }

  async function tryOut(): Promise<void> {
    const [id, choices] = [cameraId.value, draft.value];
    if (!id || !choices) return;
    asked += 1;
    const turn = asked;
    const { zones, sensitivity, detectors } = choices;
    try {
      const answer = await api.preview(id, { zones, sensitivity, detectors });
      if (turn !== asked || id !== cameraId.value) return;
      preview.value = answer;
      refused.value = "";
    } catch (problem) {
      if (turn === asked) refused.value = text(problem);
    }
  }

  function change(part: Partial<Watch>): void {
    if (!draft.value) return;
    draft.value = { ...draft.value, ...part };
    saved.value = false;
    save.error.value = "";
  }
  function changeZone(index: number, part: Partial<Zone>): void {
    const zones = draft.value?.zones ?? [];
    const zone = zones[index];
    if (zone) change({ zones: zones.with(index, { ...zone, ...part }) });
  }
  function discard(): void {
    draft.value = stored.value?.watch ?? null;
    save.error.value = "";
  }
  async function store(): Promise<void> {
    const [id, choices] = [cameraId.value, draft.value];
    if (!id || !choices) return;
    const answer = await save.run(() => api.setWatch(id, choicesOf(choices)));
    if (!answer || id !== cameraId.value) return;
    stored.value = answer;
    draft.value = answer.watch;
    saved.value = true;
    void tryOut();
  }

  const reload = () => load(cameraId.value);

  watch(cameraId, load, { immediate: true });
  watch(hours, () => {
    if (cameraId.value) void look(cameraId.value);
  });
  // The slider needs no new answer: each candidate says which sensitivity it needs.
  watch(
    () => (draft.value ? JSON.stringify([draft.value.zones, draft.value.detectors]) : ""),
    (next) => {
      clearTimeout(trying);
      if (next) trying = setTimeout(() => void tryOut(), preview.value ? PREVIEW_AFTER_MS : 0);
    },
  );
  const again = setInterval(() => {
    if (cameraId.value && stored.value && !document.hidden) void look(cameraId.value);
  }, AGAIN_MS);
  onBeforeUnmount(() => {
    clearInterval(again);
    clearTimeout(trying);
  });

  return {
    stored,
    draft,
    health,
    learned,
    preview,
    missing,
    refused,
    saved,
    save,
    dirty,
    change,
    changeZone,
    discard,
    store,
    reload,
  };
}
