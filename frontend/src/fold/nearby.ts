/** Who is near a place right now, as the crow flies: a first look before the roads are asked. */
import type { LonLat, Person, ResponderStatus, UnitRow } from "../feed/types.ts";
import { POSITION_STALE_S } from "./figures.ts";
import { distanceM } from "./lists.ts";
import type { State } from "./state.ts";

export interface NearPerson {
  person: Person;
  status: ResponderStatus;
  distanceM: number;
  ageS: number;
}

export function peopleNear(
  place: LonLat,
  state: State,
  units: ReadonlyMap<string, UnitRow>,
  persons: ReadonlyMap<string, Person>,
  count: number,
): NearPerson[] {
  const near: NearPerson[] = [];
  for (const [id, lon, lat, , , ageS] of units.values()) {
    const person = persons.get(id);
    const status = state.responders.get(id)?.status ?? "standby";
    if (!person || status === "off_duty" || ageS > POSITION_STALE_S) continue;
    near.push({ person, status, distanceM: distanceM([lon, lat], place), ageS });
  }
  return near.sort((a, b) => a.distanceM - b.distanceM).slice(0, count);
}
