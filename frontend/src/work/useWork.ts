/** What the page of work holds: the list of a queue, one case with what may be done, and the commands on it. */
import { computed, onBeforeUnmount, ref, shallowRef, watch } from "vue";
import { useRoute, useRouter } from "vue-router";
import { api } from "../feed/api.ts";
import { useCommand } from "../stores/command.ts";
import { useHall } from "../stores/hall.ts";
import { type CaseLine, QUEUES, type QueueName, type Said, type Working } from "./types.ts";

const AGAIN_MS = 30_000;
const TYPING_MS = 250;

export function useWork() {
  const route = useRoute();
  const router = useRouter();
  const hall = useHall();
  const lines = ref<CaseLine[]>([]);
  const more = ref(false);
  const counts = ref<Record<string, number>>({});
  const query = ref("");
  const loaded = ref(false);
  const failed = ref(false);
  const opened = shallowRef<Working | null>(null);
  const command = useCommand();

  const queue = computed<QueueName>(() => QUEUES.find((name) => name === route.query.queue) ?? "todo");
  const chosen = computed(() => (typeof route.query.case === "string" ? route.query.case : null));

  const choose = (id: string | null) => router.replace({ query: { ...route.query, case: id ?? undefined } });
  const turnTo = (name: QueueName) => router.replace({ query: { queue: name } });

  async function list(): Promise<void> {
    const [name, words] = [queue.value, query.value];
    const answer = await Promise.all([api.queue(name, words), api.queueCounts()]).catch(() => null);
    if (name !== queue.value || words !== query.value) return;
    failed.value = answer === null;
    loaded.value = true;
    if (!answer) return;
    lines.value = answer[0].cases;
    more.value = answer[0].more;
    counts.value = answer[1];
  }

  async function open(): Promise<void> {
    const id = chosen.value;
    if (!id) {
      opened.value = null;
      return;
    }
    const answer = await api.work(id).catch(() => null);
    if (chosen.value !== id) return;
    opened.value = answer;
    if (!answer) void choose(null);
  }

  /** Send a command on the case that is open; the answer is shown when it is there. */
  async function act(send: (id: string) => Promise<unknown>): Promise<boolean> {
    const id = chosen.value;
    const done = id ? await command.run(() => send(id)) : null;
    if (done === null) return false;
    await Promise.all([open(), list()]);
    return true;
  }

  const take = (action: string, said: Said) => act((id) => api.step(id, action, said));
  const decide = (approval: string, yes: boolean, note: string) => act((id) => api.decide(id, approval, yes, note));
  const takeBack = (approval: string) => act((id) => api.takeBack(id, approval));

  let typing: ReturnType<typeof setTimeout> | undefined;
  watch(query, () => {
    clearTimeout(typing);
    typing = setTimeout(() => void list(), TYPING_MS);
  });
  watch(queue, () => void list(), { immediate: true });
  watch(
    chosen,
    (id, before) => {
      command.error.value = "";
      if (id !== before) opened.value = null;
      void open();
    },
    { immediate: true },
  );
  // What others did to any case: lists change, and the case that is open may be the one.
  watch(
    () => hall.state.recent.find((fact) => fact.kind.startsWith("response."))?.seq,
    () => {
      void list();
      const id = hall.state.recent.find((fact) => fact.kind.startsWith("response."))?.id;
      if (id === chosen.value && !command.busy.value) void open();
    },
  );
  const again = setInterval(() => void list(), AGAIN_MS);
  onBeforeUnmount(() => {
    clearInterval(again);
    clearTimeout(typing);
  });

  return {
    lines,
    more,
    counts,
    query,
    loaded,
    failed,
    opened,
    queue,
    chosen,
    choose,
    turnTo,
    list,
    open,
    take,
    decide,
    takeBack,
    busy: command.busy,
    error: command.error,
  };
}
