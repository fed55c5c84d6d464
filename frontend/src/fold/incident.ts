/** What an alert of many cameras tells in its detail; the detail is free-form on the wire, so it is read with care. */
import type { Alert } from "../feed/types.ts";

export interface Incident {
  lost: number;
  back: number;
  group: { by: string; key: string; size: number } | null;
  cameras: { id: string; since: string; back_at: string | null }[];
  fault: {
    place: string;
    text: string;
    at: string;
    answers: { asked: number; spoke: number; have_picture: number };
  } | null;
}

/** The incident of an alert, or null when it is about one camera or none. */
export function incidentOf(alert: Pick<Alert, "kind" | "detail">): Incident | null {
  if (!alert.kind.startsWith("fleet_")) return null;
  const detail = alert.detail as Partial<Incident>;
  const cameras = Array.isArray(detail.cameras) ? detail.cameras : [];
  const back = cameras.filter((camera) => camera.back_at !== null).length;
  return {
    lost: detail.lost ?? cameras.length - back,
    back: detail.back ?? back,
    group: detail.group ?? null,
    cameras,
    fault: detail.fault ?? null,
  };
}
