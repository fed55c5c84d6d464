/** Devices in the order in which they need somebody: in doubt, silent, without a fix, then the rest by name. */
import type { Device } from "../feed/types.ts";

export interface DeviceFigures {
  live: number;
  unfixed: number;
  silent: number;
  suspect: number;
}

const RANK = { silent: 1, no_fix: 2, live: 3, never: 4 } as const;
const LOW_BATTERY = 0.15;

const rank = (device: Device) => (device.suspicions.length > 0 ? 0 : RANK[device.state]);

export function byNeed(devices: readonly Device[]): Device[] {
  return (
    devices
      // A fleet posts for many and is nobody's device.
      .filter((device) => device.active && (device.kind !== "http" || device.person_id !== null))
      .sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name, "zh"))
  );
}

export function deviceFigures(devices: readonly Device[]): DeviceFigures {
  const of = (state: Device["state"]) => devices.filter((device) => device.active && device.state === state).length;
  const suspect = devices.filter((device) => device.active && device.suspicions.length > 0).length;
  return { live: of("live"), unfixed: of("no_fix"), silent: of("silent"), suspect };
}

export const isLow = (device: Device) =>
  device.battery !== null && device.battery < LOW_BATTERY && device.charging !== true;
