/** What a search can be narrowed to, in the order in which a case goes through it. */
export const STATES = [
  "SUBMITTED",
  "VERIFYING",
  "ACCEPTED",
  "TRIAGE",
  "ASSIGNED",
  "RECEIVED",
  "HANDLING",
  "SUSPENDED",
  "RESOLVED",
  "REVIEW",
  "CALLBACK",
  "RATED",
  "ARCHIVED",
  "REJECTED",
  "FALSE_ALARM",
  "DUPLICATE",
  "MERGED",
  "TRANSFERRED",
  "WITHDRAWN",
] as const;
/** Doors at which people bring a matter. */
export const COUNTER_CHANNELS = [
  "window",
  "phone",
  "hotline",
  "police",
  "petition",
  "citizen",
  "grid",
  "superior",
  "town",
  "media",
] as const;
export const CHANNELS = ["camera", "patrol", ...COUNTER_CHANNELS] as const;
