/** 响应圈: what those who are free reach now; asked again every quarter of a minute while it is shown. */
import { computed, onBeforeUnmount, type Ref, ref, shallowRef, watch } from "vue";
import { useI18n } from "vue-i18n";
import { ApiError, api } from "../feed/api.ts";
import type { ForceRings, LonLat } from "../feed/types.ts";
import type { RingMark } from "../wall/scene.ts";

const AGAIN_MS = 15_000;

/** All who are free, those of one force, or one person. */
export interface RingChoice {
  force?: string;
  person_id?: string;
}

function polygonsOf(area: GeoJSON.Polygon | GeoJSON.MultiPolygon): LonLat[][][] {
  const polygons = area.type === "Polygon" ? [area.coordinates] : area.coordinates;
  return polygons.map((rings) => rings.map((ring) => ring.map(([lon, lat]): LonLat => [lon ?? 0, lat ?? 0])));
}

/** @param closed changes when the roads do. */
export function useRings(closed: Ref<string>) {
  const { t } = useI18n();
  const on = ref(false);
  const choice = shallowRef<RingChoice>({});
  const answer = shallowRef<ForceRings | null>(null);
  const failed = ref("");

  async function ask(): Promise<void> {
    if (!on.value) return;
    const asked = choice.value;
    try {
      const found = await api.ringsNow({ ...asked });
      if (!on.value || choice.value !== asked) return;
      answer.value = found;
      failed.value = "";
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (choice.value === asked) failed.value = error.message || t("error.offline");
    }
  }
  watch([on, choice], () => {
    answer.value = null;
    void ask();
  });
  watch(closed, () => void ask());
  const again = setInterval(() => void ask(), AGAIN_MS);
  onBeforeUnmount(() => clearInterval(again));

  const marks = computed<RingMark[]>(() =>
    (on.value ? (answer.value?.rings ?? []) : []).map((ring) => ({
      minutes: ring.minutes,
      polygons: polygonsOf(ring.area),
    })),
  );
  return { on, choice, answer, failed, marks };
}

export type Rings = ReturnType<typeof useRings>;
