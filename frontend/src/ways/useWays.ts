/** The ways of working, the one that is open, what is written of it, and what the server says to that. */
import { computed, onBeforeUnmount, ref, shallowRef, watch } from "vue";
import { api } from "../feed/api.ts";
import { useCommand } from "../stores/command.ts";
import { useHall } from "../stores/hall.ts";
import { currentLanguage } from "../words/index.ts";
import type { Ground } from "./table.ts";
import type { Looked, Machine, Table, WayDetail, WayLine, WayView } from "./types.ts";

const LOOK_MS = 300;

export function useWays(mayWrite: () => boolean) {
  const hall = useHall();
  const lines = shallowRef<WayLine[]>([]);
  const machine = shallowRef<Machine | null>(null);
  const detail = shallowRef<WayDetail | null>(null);
  const table = shallowRef<Table>({});
  const looked = shallowRef<Looked | null>(null);
  /** Whether what is looked at is what is written. */
  const fresh = ref(false);
  const { busy, error, run } = useCommand();
  const failed = ref(false);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let asked = 0;

  const ground = computed<Ground | null>(() =>
    machine.value && detail.value ? { machine: machine.value, base: detail.value.base_body as Table } : null,
  );
  const own = computed<WayView | null>(() => detail.value?.way ?? null);
  const editable = computed(() => own.value !== null && mayWrite());
  const dirty = computed(
    () => editable.value && JSON.stringify(table.value) !== JSON.stringify(detail.value?.table ?? {}),
  );

  async function list(): Promise<void> {
    const found = await api.ways().catch(() => null);
    failed.value = found === null && lines.value.length === 0;
    if (found) lines.value = found;
  }

  async function look(): Promise<void> {
    const mine = ++asked;
    const answer = await api.lookWay(table.value).catch(() => null);
    if (!answer || mine !== asked) return;
    // A description that cannot be read keeps the last picture, under the faults that say why.
    const last = looked.value;
    looked.value = answer.states.length > 0 || !last ? answer : { ...last, ok: false, problems: answer.problems };
    fresh.value = true;
  }

  async function open(id: string): Promise<void> {
    const found = await run(() => api.wayOfWorking(id));
    if (!found) return;
    detail.value = found;
    table.value = found.table as Table;
    looked.value = null;
    await look();
  }

  function write(next: Table): void {
    if (!editable.value) return;
    table.value = next;
    fresh.value = false;
    clearTimeout(timer);
    timer = setTimeout(() => void look(), LOOK_MS);
  }

  /** Keep a way as the server has it now. */
  async function after(view: WayView | null): Promise<boolean> {
    if (!view) return false;
    await list();
    if (lines.value.some((one) => one.id === view.id)) await open(view.id);
    else detail.value = null;
    return true;
  }
  async function copy(id: string, name: { zh: string; en: string }): Promise<boolean> {
    const from = detail.value;
    if (!from) return false;
    const { version: _version, ...rest } = from.table as Table;
    const text: Table = from.way ? { ...rest, id, name } : { id, extends: from.id, name };
    return after(await run(() => api.writeWay(id, text, 0)));
  }
  const save = async () => {
    const way = own.value;
    return way !== null && after(await run(() => api.writeWay(way.id, table.value, way.version)));
  };
  async function publish(): Promise<boolean> {
    if (dirty.value && !(await save())) return false;
    const way = own.value;
    return way !== null && after(await run(() => api.publishWay(way.id, way.version)));
  }
  const act = (send: (id: string, version: number) => Promise<WayView>) => async () => {
    const way = own.value;
    return way !== null && after(await run(() => send(way.id, way.version)));
  };
  async function setDoors(doors: Record<string, string>): Promise<boolean> {
    const done = await run(() => api.setDoors(doors));
    if (done) await list();
    return done !== null;
  }

  async function begin(): Promise<void> {
    machine.value = await api.waysMachine().catch(() => null);
    await list();
    const first = lines.value[0];
    const chosen = detail.value?.id ?? first?.id;
    if (chosen) await open(chosen);
  }
  watch(currentLanguage, async () => {
    machine.value = await api.waysMachine().catch(() => machine.value);
    if (detail.value) await look();
  });
  // Another seat may write as well; what is being written here is not thrown away.
  watch(
    () => hall.state.recent.find((fact) => fact.kind.startsWith("response.way"))?.seq,
    async () => {
      await list();
      const now = lines.value.find((one) => one.id === detail.value?.id)?.way;
      if (now && !dirty.value && !busy.value && now.version !== own.value?.version) await open(now.id);
    },
  );
  onBeforeUnmount(() => clearTimeout(timer));

  return {
    lines,
    machine,
    detail,
    table,
    looked,
    fresh,
    busy,
    error,
    failed,
    ground,
    own,
    editable,
    dirty,
    begin,
    open,
    write,
    copy,
    save,
    publish,
    dropDraft: act(api.dropWayDraft),
    withdraw: act(api.withdrawWay),
    restore: act(api.restoreWay),
    setDoors,
  };
}
