/** Which pictures stand together: by village, or by what is wrong, worst first. Pure. */
import type { Camera, Town } from "../feed/types.ts";
import { troubleRank } from "../fold/trouble.ts";
import type { Group } from "./layout.ts";

const VILLAGE_DIGITS = 12;
/** Troubled pictures are this much larger than the others. */
const CLOSER = 2.5;
const MOST_LARGE = 60;

export function byVillage(cameras: readonly Camera[], town: Town): Group[] {
  const names = town.villages.features.map((feature) => String(feature.properties?.code));
  const groups = new Map<string, string[]>(names.map((code) => [code, []]));
  for (const camera of cameras) {
    const code = camera.area.slice(0, VILLAGE_DIGITS);
    const ids = groups.get(code);
    if (ids) ids.push(camera.id);
    else groups.set(code, [camera.id]);
  }
  return [...groups].map(([key, ids]) => ({ key, ids, scale: 1, flows: false }));
}

/** Cameras with a pending alert, then those in trouble, the worst first and close up, then the others. */
export function byTrouble(
  cameras: readonly Camera[],
  states: ReadonlyMap<string, string>,
  alerted: ReadonlySet<string>,
): Group[] {
  const rank = (camera: Camera) => troubleRank(states.get(camera.id));
  const ids = (some: readonly Camera[]) => some.map((camera) => camera.id);
  const alert = cameras.filter((camera) => alerted.has(camera.id));
  const quiet = cameras.filter((camera) => !alerted.has(camera.id));
  const troubled = quiet.filter((camera) => rank(camera) !== null).sort((a, b) => (rank(a) ?? 0) - (rank(b) ?? 0));
  const fine = quiet.filter((camera) => rank(camera) === null);
  const scale = alert.length + troubled.length > MOST_LARGE ? 1 : CLOSER;
  return [
    { key: "alert", ids: ids(alert), scale, flows: true },
    { key: "trouble", ids: ids(troubled), scale, flows: true },
    { key: "online", ids: ids(fine), scale: 1, flows: true },
  ];
}

/** Ids of cameras whose number or name holds what is searched for; a whole number comes first. */
export function search(cameras: readonly Camera[], query: string): string[] {
  const wanted = query.trim().toLowerCase();
  if (wanted === "") return [];
  const exact = cameras.filter((one) => one.number.replace(/^0+/, "") === wanted.replace(/^0+/, ""));
  const others = cameras.filter(
    (one) => !exact.includes(one) && `${one.number} ${one.name}`.toLowerCase().includes(wanted),
  );
  return [...exact, ...others].map((one) => one.id);
}
