/** Does not compile where the pages' types and the server's OpenAPI document disagree; there is nothing to run here. */
import type { components } from "./api.gen.ts";
import type {
  Alert,
  CameraHealth,
  CameraSignal,
  Case,
  Clip,
  Duty,
  Judgement,
  LearnedHours,
  Line,
  Order,
  Point,
  Preview,
  PreviewCandidate,
  Proposal,
  Reason,
  Responder,
  Watch,
  WatchAnswer,
  WatchedHour,
  WatchItem,
  Zone,
} from "./types.ts";

type Server = components["schemas"];

/** Same fields; and every value the page can hold is one the server may say (the page's enumerations are narrower). */
type Agrees<Page, View> = [keyof Page] extends [keyof View]
  ? [keyof View] extends [keyof Page]
    ? Page extends View
      ? true
      : { differs: View }
    : { missingOnPage: Exclude<keyof View, keyof Page> }
  : { unknownToServer: Exclude<keyof Page, keyof View> };

export type Agreement = [
  Agrees<Alert, Server["AlertView"]>,
  Agrees<Case, Server["CaseView"]>,
  Agrees<Clip, Server["ClipView"]>,
  Agrees<Order, Server["OrderView"]>,
  Agrees<Reason, Server["ReasonView"]>,
  Agrees<Responder, Server["ResponderView"]>,
  Agrees<Point, Server["PointView"]>,
  Agrees<Line, Server["LineView"]>,
  Agrees<Duty, Server["DutyView"]>,
  Agrees<Judgement, Server["JudgementView"]>,
  Agrees<Zone, Server["ZoneView"]>,
  Agrees<Watch, Server["WatchView"]>,
  Agrees<WatchAnswer, Server["WatchAnswer"]>,
  Agrees<WatchItem, Server["WatchItem"]>,
  Agrees<CameraSignal, Server["SignalView"]>,
  Agrees<WatchedHour, Server["HourView"]>,
  Agrees<CameraHealth, Server["HealthView"]>,
  Agrees<LearnedHours, Server["LearnedHours"]>,
  Agrees<PreviewCandidate, Server["TraceView"]>,
  Agrees<Preview, Server["PreviewView"]>,
  Agrees<Proposal, Server["ProposalView"]>,
];

type AllTrue<Checks extends true[]> = Checks;
export type Checked = AllTrue<Agreement>;
