/** The rooms of the house and their pages, in the order of the flow: 巡防 → 处置, beside them 影像, 督办 and 底数. */
import type { Me } from "../feed/types.ts";

/** `key`: of its name in the words. `verb`: only who has one of these goes there; without it, everybody of the hall. */
export interface Place {
  to: string;
  key: string;
  verb?: string[];
}

/** `front`: the first of its pages. */
export interface Room {
  id: string;
  front: Place;
  places: Place[];
}

const ROOMS: Pick<Room, "id" | "places">[] = [
  { id: "wall", places: [{ to: "/wall", key: "nav.wall" }] },
  {
    id: "patrol",
    places: [
      { to: "/patrol", key: "nav.patrol" },
      { to: "/patrol/plan", key: "nav.plan", verb: ["patrol.plan"] },
      { to: "/patrol/day", key: "nav.day" },
      { to: "/patrol/video", key: "nav.eyes" },
    ],
  },
  {
    id: "response",
    places: [
      { to: "/desk", key: "nav.desk" },
      { to: "/work", key: "nav.work", verb: ["case.see", "case.see_own"] },
      { to: "/cases", key: "nav.cases", verb: ["case.see", "case.see_own"] },
      { to: "/ways", key: "nav.ways", verb: ["profile.write", "case.head"] },
    ],
  },
  {
    id: "footage",
    places: [
      { to: "/cameras", key: "nav.cameras" },
      { to: "/mosaic", key: "nav.mosaic" },
    ],
  },
  { id: "supervision", places: [{ to: "/figures", key: "nav.figures", verb: ["figure.see"] }] },
  { id: "registry", places: [{ to: "/import", key: "nav.import", verb: ["registry.import"] }] },
];

/** Who is no seat of the hall sees these pages alone. */
const ONLY: Record<string, string[]> = {
  administrator: ["/ways", "/import"],
  department: ["/work", "/cases", "/figures"],
};

/** The rooms that somebody may enter, each with the pages he may open; none without a page. */
export function roomsOf(me: Pick<Me, "role" | "verbs">): Room[] {
  const only = ONLY[me.role];
  const open = (place: Place) =>
    (!only || only.includes(place.to)) && (!place.verb || place.verb.some((verb) => me.verbs.includes(verb)));
  return ROOMS.flatMap(({ id, places }) => {
    const opened = places.filter(open);
    const front = opened[0];
    return front ? [{ id, front, places: opened }] : [];
  });
}

/** The page that a path belongs to: the longest that it begins with. */
export function placeAt(rooms: Room[], path: string): Place | undefined {
  const places = rooms.flatMap((room) => room.places);
  const within = places.filter((place) => path === place.to || path.startsWith(`${place.to}/`));
  return within.sort((one, other) => other.to.length - one.to.length)[0];
}
