/**
 * The people of the case in hand, as the server shows them to this seat. A field that was opened is kept here alone, for
 * the seconds the server says, and is gone when the case changes, the page is hidden or the time is up.
 */
import { onBeforeUnmount, type Ref, ref, shallowRef, watch } from "vue";
import { useI18n } from "vue-i18n";
import { ApiError, api } from "../feed/api.ts";
import type { CallerCases, Case, Party, PartyChange, PartyDraft, PartyField } from "../feed/types.ts";
import { useCommand } from "./command.ts";

export interface Opened {
  field: PartyField;
  value: string;
  leftS: number;
}
const keyOf = (partyId: string, field: PartyField) => `${partyId} ${field}`;

export function useParties(item: Ref<Case>, sees: Ref<boolean>) {
  const { t } = useI18n();
  const list = shallowRef<Party[] | null>(null);
  const failed = ref("");
  const opened = ref(new Map<string, Opened>());
  const earlier = shallowRef<{ id: string; cases: CallerCases } | null>(null);
  const saving = useCommand();
  const opening = useCommand();
  const looking = useCommand();

  async function load(): Promise<void> {
    const id = item.value.id;
    if (!sees.value) return;
    try {
      const answer = await api.parties(id);
      if (item.value.id !== id) return;
      list.value = answer;
      failed.value = "";
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (item.value.id === id) failed.value = error.message || t("error.offline");
    }
  }

  function hideAll(): void {
    opened.value = new Map();
  }
  function hide(partyId: string, field: PartyField): void {
    const rest = new Map(opened.value);
    rest.delete(keyOf(partyId, field));
    opened.value = rest;
  }
  const shown = (partyId: string, field: PartyField) => opened.value.get(keyOf(partyId, field)) ?? null;

  async function reveal(partyId: string, field: PartyField, purpose: string): Promise<boolean> {
    const id = item.value.id;
    const answer = await opening.run(() => api.revealParty(id, partyId, field, purpose));
    if (!answer || item.value.id !== id || document.hidden) return answer !== null;
    const one = { field, value: answer.value, leftS: answer.shown_s };
    opened.value = new Map(opened.value).set(keyOf(partyId, field), one);
    return true;
  }

  async function add(draft: PartyDraft): Promise<boolean> {
    const id = item.value.id;
    const made = await saving.run(() => api.addParty(id, draft));
    if (made) await load();
    return made !== null;
  }
  async function change(partyId: string, body: PartyChange): Promise<boolean> {
    const id = item.value.id;
    const made = await saving.run(() => api.changeParty(id, partyId, body));
    if (made) await load();
    return made !== null;
  }

  async function lookBack(party: Party): Promise<void> {
    if (earlier.value?.id === party.id) {
      earlier.value = null;
      return;
    }
    const answer = await looking.run(() => api.earlierCases(party.case_id, party.id));
    if (answer && item.value.id === party.case_id) earlier.value = { id: party.id, cases: answer };
  }

  watch(
    () => item.value.id,
    () => {
      list.value = null;
      earlier.value = null;
      hideAll();
    },
  );
  watch([() => item.value.id, () => item.value.version, sees], () => void load(), { immediate: true });

  const second = setInterval(() => {
    if (opened.value.size === 0) return;
    const left = [...opened.value].map(([key, one]) => [key, { ...one, leftS: one.leftS - 1 }] as const);
    opened.value = new Map(left.filter(([, one]) => one.leftS > 0));
  }, 1000);
  const onHidden = () => document.hidden && hideAll();
  document.addEventListener("visibilitychange", onHidden);
  onBeforeUnmount(() => {
    clearInterval(second);
    document.removeEventListener("visibilitychange", onHidden);
    hideAll();
  });

  return { list, failed, shown, hide, earlier, saving, opening, looking, reveal, add, change, lookBack };
}
