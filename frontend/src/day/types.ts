/** A day of patrol as the server tells it. */
import type { components } from "../feed/api.gen.ts";

type Schemas = components["schemas"];
export type DayReport = Schemas["DayReport"];
export type TallyOfDay = Schemas["TallyView"];
export type MinutesOfDay = Schemas["MinutesView"];
export type TeamDay = Schemas["TeamDay"];
export type PlaceDay = Schemas["PlaceDay"];
export type SpotDay = Schemas["SpotDay"];
export type DayDuty = Schemas["DayDuty"];
export type DayRound = Schemas["DayRound"];
export type DayStop = Schemas["DayStop"];
export type TracksOfDay = Schemas["TracksView"];
export type EventOfDay = Schemas["EventView"];
