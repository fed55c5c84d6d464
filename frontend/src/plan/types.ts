/** Teams, needs and plans as the server sends them; `*_s` of a plan are seconds since local midnight of its day. */
import type { components } from "../feed/api.gen.ts";
import type { LonLat } from "../feed/types.ts";

type Schemas = components["schemas"];
export type Team = Schemas["TeamView"];
export type Need = Schemas["NeedView"];
export type PlanView = Schemas["PlanView"];
export type PlanDetail = Schemas["PlanDetail"];
export type Crew = Schemas["CrewView"];
export type Visit = Schemas["VisitView"];
export type Round = Schemas["RoundView"];
export type Stop = Schemas["StopView"];
export type Trouble = Schemas["TroubleView"];
export type Proposal = Schemas["PlanProposalView"];
export type Relaxation = Schemas["RelaxationView"];
export type PlanMove = Schemas["MoveBody"];
export type PlanProgress = Schemas["PlanProgressView"];
export type OwnRound = Schemas["OwnRound"];
/** By team: the ways along the roads, leg by leg. */
export type PlanWays = Record<string, LonLat[][]>;
