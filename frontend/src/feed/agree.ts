/** Does not compile where the pages' types and the server's OpenAPI document disagree; there is nothing to run here. */
import type { components } from "./api.gen.ts";
import type { Alert, Case, Clip, Duty, Order, Point, Reason, Responder } from "./types.ts";

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
  Agrees<Duty, Server["DutyView"]>,
];

type AllTrue<Checks extends true[]> = Checks;
export type Checked = AllTrue<Agreement>;
