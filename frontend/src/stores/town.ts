/** The town as it stands: outline, roads, cameras, people. Loaded once per sign-in. */
import { defineStore } from "pinia";
import { computed, ref, shallowRef } from "vue";
import { api } from "../feed/api.ts";
import type { Camera, Center, Person, Town } from "../feed/types.ts";

export const useTown = defineStore("town", () => {
  const town = shallowRef<Town | null>(null);
  const known = shallowRef<Center | null>(null);
  const failed = ref(false);
  let loading: Promise<void> | null = null;

  const center = computed<Center | null>(() => town.value?.center ?? known.value);
  const cameras = computed(() => new Map<string, Camera>((town.value?.cameras ?? []).map((item) => [item.id, item])));
  const persons = computed(() => new Map<string, Person>((town.value?.persons ?? []).map((item) => [item.id, item])));

  async function fetchTown(): Promise<void> {
    failed.value = false;
    try {
      town.value = await api.town();
    } catch {
      failed.value = true;
    } finally {
      loading = null;
    }
  }

  function load(): Promise<void> {
    if (town.value) return Promise.resolve();
    loading ??= fetchTown();
    return loading;
  }

  /** Fetch it again: something of it was imported. What is shown stays until the new one is there. */
  function renew(): Promise<void> {
    loading = fetchTown();
    return loading;
  }

  /** Name and mark of the center for pages that nobody has signed in to. */
  async function loadCenter(): Promise<void> {
    if (center.value) return;
    known.value = await api.center().catch(() => null);
  }

  const cameraNumber = (id: string | null) => (id ? (cameras.value.get(id)?.number ?? id.slice(-4)) : "");

  return { town, center, cameras, persons, failed, load, renew, loadCenter, cameraNumber };
});
