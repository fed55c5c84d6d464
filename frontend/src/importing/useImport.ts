/** One import from the file to the fact: what was chosen, what the server made of it, which step comes next. */
import { computed, ref, shallowRef } from "vue";
import { api } from "../feed/api.ts";
import type { ImportDone, ImportLook, ImportTrial, ImportUpload, ImportWish } from "../feed/types.ts";
import { useCommand } from "../stores/command.ts";
import { useTown } from "../stores/town.ts";

export const KINDS = ["center", "villages", "grids", "roads", "water", "places", "units", "people", "cameras"] as const;
export const STEPS = ["file", "read", "columns", "trial", "done"] as const;
export type Step = (typeof STEPS)[number];
export const ACCEPTS = ".csv,.txt,.tsv,.xlsx,.json,.geojson,.gpkg,.zip,.osm,.pbf,.gz,.bz2";

const fresh = (kind: string): ImportWish => ({
  kind,
  crs: "",
  encoding: "",
  columns: {},
  fixed: {},
  layer: "",
  only: "",
  replace: false,
  renumber: false,
  issue_ids: false,
});

export function useImport() {
  const town = useTown();
  const work = useCommand();
  const step = ref<Step>("file");
  const wish = ref<ImportWish>(fresh("cameras"));
  const upload = shallowRef<ImportUpload | null>(null);
  const look = shallowRef<ImportLook | null>(null);
  const trial = shallowRef<ImportTrial | null>(null);
  const done = shallowRef<ImportDone | null>(null);

  const mapped = computed(() => ({ ...look.value?.mapped, ...wish.value.columns }));

  async function read(): Promise<boolean> {
    const file = upload.value;
    if (!file) return false;
    const found = await work.run(() => api.lookImport(file.id, wish.value));
    if (found) look.value = found;
    return found !== null;
  }

  async function send(file: File): Promise<void> {
    const sent = await work.run(() => api.uploadImport(file));
    if (!sent) return;
    upload.value = sent;
    wish.value = { ...fresh(wish.value.kind) };
    trial.value = done.value = null;
    if (!(await read())) return;
    if (look.value?.osm) await attempt();
    else step.value = "read";
  }

  /** Change how the file is read; what was tried before counts no more. */
  async function change(part: Partial<ImportWish>): Promise<void> {
    wish.value = { ...wish.value, ...part };
    trial.value = null;
    if (upload.value && ("encoding" in part || "layer" in part || "crs" in part || "kind" in part)) {
      // Columns of another reading are other columns.
      if (!("crs" in part)) wish.value.columns = {};
      await read();
    }
  }

  async function attempt(): Promise<void> {
    const file = upload.value;
    const found = file ? await work.run(() => api.tryImport(file.id, wish.value)) : null;
    if (!found) return;
    trial.value = found;
    step.value = "trial";
  }

  async function retry(part: Partial<ImportWish>): Promise<void> {
    await change(part);
    await attempt();
  }

  async function apply(): Promise<void> {
    const file = upload.value;
    const token = trial.value?.token;
    if (!file || !token) return;
    const stored = await work.run(() => api.applyImport(file.id, { ...wish.value, token }));
    if (!stored) return;
    done.value = stored;
    step.value = "done";
    await town.renew();
  }

  function again(): void {
    upload.value = look.value = trial.value = done.value = null;
    wish.value = fresh(wish.value.kind);
    work.error.value = "";
    step.value = "file";
  }

  return {
    step,
    wish,
    upload,
    look,
    trial,
    done,
    mapped,
    busy: work.busy,
    error: work.error,
    send,
    change,
    attempt,
    retry,
    apply,
    again,
  };
}
