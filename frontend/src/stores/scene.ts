/** The scene of the map for this page, put together from the live hall; its words in the reader's language. */
import { computed, type Ref } from "vue";
import { useI18n } from "vue-i18n";
import type { Camera } from "../feed/types.ts";
import { nextClock } from "../fold/clocks.ts";
import { closuresNow, endText } from "../fold/closures.ts";
import { POSITION_STALE_S } from "../fold/figures.ts";
import { spanText } from "../fold/time.ts";
import { closureMarks, linesOf, marksOf, pointsOf, routesOf, type Scene, unitsOf, type Words } from "../wall/scene.ts";
import { useSay } from "../words/say.ts";
import { useHall } from "./hall.ts";
import { useTown } from "./town.ts";

export function useScene(selectedId: Ref<string | null>, cones: Ref<Camera[]>) {
  const { t } = useI18n();
  const { left } = useSay();
  const hall = useHall();
  const town = useTown();

  const words: Words = {
    alertTitle: (alert) => `${alert.place} ${t(`alert.kind.${alert.kind}`)}`,
    alertNote: (alert) =>
      [
        spanText(hall.now - Date.parse(alert.raised_at)),
        alert.camera_id ? t("common.camera", { n: town.cameraNumber(alert.camera_id) }) : "",
        t(`alert.state.${alert.state}`),
      ]
        .filter(Boolean)
        .join(" · "),
    caseNote: (item) => {
      const clock = nextClock(item, hall.now);
      const state = t(`case.state.${item.state}`);
      return clock ? `${state} · ${t(`clock.${clock.name}`)} ${left(clock.leftMs)}` : state;
    },
    closureTitle: (one) => t("closure.title", { name: one.name }),
    closureNote: (one) => {
      const whom = one.profiles.length < 3 ? one.profiles.map((name) => t(`closure.profile.${name}`)).join("") : "";
      const end = one.ends_at ? t("closure.until", { time: endText(one.ends_at, hall.now) }) : t("closure.open");
      return [t(`closure.reason.${one.reason}`), whom, end].filter(Boolean).join(" · ");
    },
  };

  const faults = computed(() =>
    [...hall.cameraStates].flatMap(([id, state]) => {
      const camera = state === "online" ? undefined : town.cameras.get(id);
      return camera ? [camera.lonlat] : [];
    }),
  );
  // Points and people change less often than the second hand: their marks are made again only when they do.
  const minute = computed(() => Math.floor(hall.now / 15_000) * 15_000);
  const points = computed(() => pointsOf(hall.state, minute.value, selectedId.value));
  const lines = computed(() => linesOf(hall.state, minute.value, selectedId.value));
  const units = computed(() => unitsOf(hall.state, hall.units, town.persons, POSITION_STALE_S));
  const routes = computed(() => routesOf(hall.state, hall.units));
  const closures = computed(() => closureMarks(closuresNow(hall.state, hall.now), words, selectedId.value));

  return computed<Scene>(() => ({
    marks: marksOf(hall.state, words, selectedId.value),
    points: points.value,
    lines: lines.value,
    units: units.value,
    routes: routes.value,
    faults: faults.value,
    cones: cones.value,
    proof: [],
    draft: null,
    draftLine: [],
    closures: closures.value,
    rings: [],
    drawn: null,
    rounds: [],
  }));
}
