import { describe, expect, it } from "vitest";
import { placeAt, roomsOf } from "../src/panels/rooms.ts";

const pages = (role: string, verbs: string[]) =>
  roomsOf({ role, verbs } as never).flatMap((room) => room.places.map((place) => place.to));

describe("rooms of the bar", () => {
  it("are the whole house for a head of shift", () => {
    const verbs = ["patrol.plan", "case.see", "case.head", "figure.see"];
    expect(pages("shift_head", verbs)).toEqual([
      "/wall",
      "/patrol",
      "/patrol/plan",
      "/patrol/day",
      "/patrol/video",
      "/desk",
      "/work",
      "/cases",
      "/ways",
      "/cameras",
      "/mosaic",
      "/figures",
    ]);
  });

  it("are those of his own cases for a department, and no watching for an administrator", () => {
    expect(pages("department", ["case.see_own", "figure.see"])).toEqual(["/work", "/cases", "/figures"]);
    expect(pages("administrator", ["registry.import", "profile.write"])).toEqual(["/ways", "/import"]);
  });

  it("know where they are by the longest page that fits", () => {
    const rooms = roomsOf({ role: "shift_head", verbs: ["patrol.plan"] } as never);
    expect(placeAt(rooms, "/patrol/plan")?.to).toBe("/patrol/plan");
    expect(placeAt(rooms, "/cameras/C1")?.to).toBe("/cameras");
    expect(placeAt(rooms, "/patrolled")).toBeUndefined();
  });
});
