/** Signs drawn on the map by hand: triangles for alerts, squares for cases, diamonds for points, shields for people. */
import type { Level } from "../feed/types.ts";
import type { PointLook } from "../fold/figures.ts";
import type { UnitMark } from "./scene.ts";
import { type MapTheme, NUMERALS } from "./theme.ts";

export const FONT = '"Noto Sans SC Variable", "Noto Sans CJK SC", system-ui, sans-serif';
type Brush = CanvasRenderingContext2D;
export type Box = { x: number; y: number; w: number; h: number };

function path(brush: Brush, corners: readonly (readonly [number, number])[]): void {
  brush.beginPath();
  corners.forEach(([x, y], index) => {
    if (index === 0) brush.moveTo(x, y);
    else brush.lineTo(x, y);
  });
  brush.closePath();
}

function numeral(brush: Brush, theme: MapTheme, level: Level, x: number, y: number, size: number): void {
  brush.fillStyle = level === 3 || (level === 2 && theme.dark) ? "#1b1400" : "#ffffff";
  brush.font = `700 ${size}px ${FONT}`;
  brush.textAlign = "center";
  brush.textBaseline = "middle";
  brush.fillText(NUMERALS[level], x, y);
}

export function drawAlert(brush: Brush, theme: MapTheme, level: Level, x: number, y: number, size: number): void {
  const colour = theme.levels[level];
  brush.fillStyle = `${colour}2e`;
  brush.beginPath();
  brush.arc(x, y, size * 1.35, 0, Math.PI * 2);
  brush.fill();
  path(brush, [
    [x, y - size],
    [x + size * 0.98, y + size * 0.75],
    [x - size * 0.98, y + size * 0.75],
  ]);
  brush.fillStyle = colour;
  brush.strokeStyle = theme.halo;
  brush.lineWidth = size * 0.14;
  brush.lineJoin = "round";
  brush.stroke();
  brush.fill();
  numeral(brush, theme, level, x, y + size * 0.24, size * 0.86);
}

export function drawCase(brush: Brush, theme: MapTheme, level: Level, x: number, y: number, size: number): void {
  const half = size * 0.78;
  brush.beginPath();
  brush.roundRect(x - half, y - half, half * 2, half * 2, size * 0.3);
  brush.fillStyle = theme.levels[level];
  brush.strokeStyle = theme.halo;
  brush.lineWidth = size * 0.16;
  brush.stroke();
  brush.fill();
  numeral(brush, theme, level, x, y + size * 0.04, size * 0.95);
}

export function drawPoint(brush: Brush, theme: MapTheme, look: PointLook, x: number, y: number, size: number): void {
  path(brush, [
    [x, y - size],
    [x + size, y],
    [x, y + size],
    [x - size, y],
  ]);
  brush.lineWidth = size * 0.26;
  const filled = look === "visited" || look === "missed" || look === "excused";
  brush.fillStyle = filled ? theme[look] : theme.land;
  brush.fill();
  brush.setLineDash(look === "open" ? [size * 0.5, size * 0.34] : []);
  brush.strokeStyle = look === "none" ? theme.textDim : theme[look];
  brush.stroke();
  brush.setLineDash([]);
  const sign = { missed: "!", due: "·", excused: "–" }[look as string];
  if (!sign) return;
  brush.fillStyle = look === "due" ? theme.due : theme.back;
  brush.font = `800 ${size * 1.25}px ${FONT}`;
  brush.textAlign = "center";
  brush.textBaseline = "middle";
  brush.fillText(sign, x, y + size * 0.06);
}

export function drawUnit(
  brush: Brush,
  theme: MapTheme,
  look: UnitMark["look"],
  x: number,
  y: number,
  size: number,
): void {
  const colour = { calm: theme.unit, patrol: theme.unitPatrol, busy: theme.unitBusy, stale: theme.unitStale }[look];
  path(brush, [
    [x - size * 0.72, y - size * 0.8],
    [x + size * 0.72, y - size * 0.8],
    [x + size * 0.72, y + size * 0.15],
    [x, y + size * 0.9],
    [x - size * 0.72, y + size * 0.15],
  ]);
  brush.lineJoin = "round";
  brush.lineWidth = size * 0.3;
  brush.strokeStyle = theme.halo;
  brush.stroke();
  if (look === "stale") {
    brush.lineWidth = size * 0.18;
    brush.strokeStyle = colour;
    brush.stroke();
    return;
  }
  brush.fillStyle = colour;
  brush.fill();
}

/** The way a unit is heading: a small tip outside its shield. */
export function drawHeading(
  brush: Brush,
  theme: MapTheme,
  headingDeg: number,
  x: number,
  y: number,
  size: number,
): void {
  const angle = ((headingDeg - 90) * Math.PI) / 180;
  const at = (turn: number, far: number): [number, number] => [
    x + Math.cos(angle + turn) * far,
    y + Math.sin(angle + turn) * far,
  ];
  path(brush, [at(0, size * 1.85), at(0.3, size * 1.3), at(-0.3, size * 1.3)]);
  brush.fillStyle = theme.unitPatrol;
  brush.fill();
}

export function drawFault(brush: Brush, theme: MapTheme, x: number, y: number, size: number): void {
  brush.strokeStyle = theme.text;
  brush.lineWidth = size * 0.34;
  brush.beginPath();
  brush.moveTo(x - size, y - size);
  brush.lineTo(x + size, y + size);
  brush.moveTo(x + size, y - size);
  brush.lineTo(x - size, y + size);
  brush.stroke();
}

/** The field of view of a camera, from its heading and opening angle. */
export function drawCone(
  brush: Brush,
  theme: MapTheme,
  cone: { x: number; y: number; radius: number; headingDeg: number; fovDeg: number },
): void {
  const middle = ((cone.headingDeg - 90) * Math.PI) / 180;
  const half = (cone.fovDeg * Math.PI) / 360;
  brush.beginPath();
  brush.moveTo(cone.x, cone.y);
  brush.arc(cone.x, cone.y, cone.radius, middle - half, middle + half);
  brush.closePath();
  brush.fillStyle = `${theme.camera}3d`;
  brush.fill();
  brush.strokeStyle = `${theme.camera}a8`;
  brush.lineWidth = 1.2;
  brush.stroke();
}

export function drawText(
  brush: Brush,
  text: string,
  x: number,
  y: number,
  look: { size: number; weight?: number; colour: string; halo: string; align?: CanvasTextAlign },
): void {
  brush.font = `${look.weight ?? 500} ${look.size}px ${FONT}`;
  brush.textAlign = look.align ?? "left";
  brush.textBaseline = "middle";
  brush.lineJoin = "round";
  brush.lineWidth = look.size * 0.24;
  brush.strokeStyle = look.halo;
  brush.strokeText(text, x, y);
  brush.fillStyle = look.colour;
  brush.fillText(text, x, y);
}
