/** Closed roads and response rings on the map. Barriers are striped like tape, in a colour that no severity has. */
import type { Closure, LonLat } from "../feed/types.ts";
import { middleOf } from "../fold/closures.ts";
import { type Box, drawText, FONT } from "./brush.ts";
import { around, type Places } from "./labels.ts";
import { shapeOf, within } from "./paths.ts";
import type { ClosureMark, Drawn, RingMark } from "./scene.ts";
import type { MapTheme } from "./theme.ts";
import type { View } from "./view.ts";

type Brush = CanvasRenderingContext2D;
interface Look {
  view: Pick<View, "project">;
  theme: Pick<MapTheme, "closed" | "halo" | "ring" | "panel" | "text" | "textDim">;
  /** Size of one design pixel. */
  unit: number;
}

function trace(brush: Brush, view: Look["view"], line: readonly LonLat[]): void {
  line.forEach((lonlat, index) => {
    const { x, y } = view.project(lonlat);
    if (index === 0) brush.moveTo(x, y);
    else brush.lineTo(x, y);
  });
}

/** What is reached in five, three and one minutes, one in the other: the sooner, the denser. */
export function drawRings(brush: Brush, { view, theme, unit }: Look, rings: readonly RingMark[]): void {
  for (const ring of [...rings].sort((a, b) => b.minutes - a.minutes)) {
    const shape = shapeOf(ring, ring.polygons.flat(), true);
    if (!shape) continue;
    within(brush, view, shape, (path, scale) => {
      brush.fillStyle = `${theme.ring}2e`;
      brush.fill(path, "evenodd");
      brush.strokeStyle = `${theme.ring}70`;
      brush.lineWidth = (0.8 * unit) / scale;
      brush.stroke(path);
    });
  }
}

/** Tape along a line: light and dark stripes with an edge, seen on any ground. */
function tape(brush: Brush, { view, theme, unit }: Look, line: readonly LonLat[], wide: number): void {
  brush.lineCap = "butt";
  brush.lineJoin = "round";
  for (const [colour, width, dash] of [
    [theme.halo, wide + 4, []],
    ["#ffffff", wide, []],
    [theme.closed, wide, [6, 6]],
  ] as const) {
    brush.beginPath();
    trace(brush, view, line);
    brush.strokeStyle = colour;
    brush.lineWidth = width * unit;
    brush.setLineDash(dash.map((part) => part * unit));
    brush.stroke();
  }
  brush.setLineDash([]);
}

function hatch(brush: Brush, { view, theme, unit }: Look, corners: readonly LonLat[]): void {
  brush.save();
  brush.beginPath();
  trace(brush, view, corners);
  brush.closePath();
  brush.fillStyle = `${theme.closed}24`;
  brush.fill();
  brush.clip();
  const at = corners.map((corner) => view.project(corner));
  const [xs, ys] = [at.map(({ x }) => x), at.map(({ y }) => y)];
  const { width, height } = brush.canvas;
  const [top, bottom] = [Math.max(-50, Math.min(...ys)), Math.min(height + 50, Math.max(...ys))];
  const [left, right] = [Math.max(-50, Math.min(...xs)), Math.min(width + 50, Math.max(...xs))];
  brush.beginPath();
  for (let x = left - (bottom - top); x < right; x += 11 * unit) {
    brush.moveTo(x, bottom);
    brush.lineTo(x + (bottom - top), top);
  }
  brush.strokeStyle = `${theme.closed}9c`;
  brush.lineWidth = 2.2 * unit;
  brush.stroke();
  brush.restore();
}

/** The sign of a closed road: a disc with a bar. */
function sign(brush: Brush, theme: Look["theme"], x: number, y: number, size: number): void {
  brush.beginPath();
  brush.arc(x, y, size, 0, Math.PI * 2);
  brush.fillStyle = theme.closed;
  brush.strokeStyle = theme.halo;
  brush.lineWidth = size * 0.34;
  brush.stroke();
  brush.fill();
  brush.fillStyle = "#ffffff";
  brush.fillRect(x - size * 0.62, y - size * 0.2, size * 1.24, size * 0.4);
}

/** All of one closure as tape, for maps that name nothing. */
export function drawShut(brush: Brush, look: Look, closures: readonly Closure[]): void {
  for (const { shape, corners, lines } of closures) {
    tape(brush, look, shape === "area" ? [...corners, ...corners.slice(0, 1)] : corners, 4);
    for (const line of lines) tape(brush, look, line, 5);
    const { x, y } = look.view.project(middleOf(corners, shape === "area"));
    sign(brush, look.theme, x, y, 9 * look.unit);
  }
}

/** Barriers first, so that people and alerts stand above them; returns where the signs stand, to be named later. */
export function drawClosures(brush: Brush, look: Look, closures: readonly ClosureMark[], places: Places): void {
  for (const one of closures) {
    if (one.shape === "area") {
      hatch(brush, look, one.corners);
      tape(brush, look, [...one.corners, ...one.corners.slice(0, 1)], one.selected ? 5 : 3.5);
    } else {
      tape(brush, look, one.corners, one.selected ? 9 : 7);
    }
    for (const line of one.lines) tape(brush, look, line, one.selected ? 8 : 6);
  }
  const size = 11 * look.unit;
  for (const one of closures) {
    const { x, y } = look.view.project(one.lonlat);
    places.take({ x: x - size, y: y - size, w: size * 2, h: size * 2 });
    sign(brush, look.theme, x, y, one.selected ? size * 1.2 : size);
  }
}

/** Name, reason and end beside each sign; returns the boxes by id, for clicks. */
export function labelClosures(
  brush: Brush,
  look: Look,
  closures: readonly ClosureMark[],
  places: Places,
): Map<string, Box> {
  const { view, theme, unit } = look;
  const [title, note, pad] = [14 * unit, 12 * unit, 8 * unit];
  const boxes = new Map<string, Box>();
  for (const one of closures) {
    const { x, y } = view.project(one.lonlat);
    brush.font = `600 ${title}px ${FONT}`;
    const titleW = brush.measureText(one.title).width;
    brush.font = `500 ${note}px ${FONT}`;
    const w = Math.max(titleW, brush.measureText(one.note).width) + pad * 2;
    const box = places.first(around(x, y, w, title + note + pad * 1.9, 15 * unit), one.selected);
    if (!box) continue;
    boxes.set(one.id, box);
    brush.beginPath();
    brush.roundRect(box.x, box.y, box.w, box.h, 5 * unit);
    brush.fillStyle = theme.panel;
    brush.fill();
    brush.strokeStyle = theme.closed;
    brush.lineWidth = (one.selected ? 2.2 : 1.3) * unit;
    brush.stroke();
    const text = { halo: "transparent", colour: theme.text };
    drawText(brush, one.title, box.x + pad, box.y + pad * 0.9 + title / 2, { ...text, size: title, weight: 600 });
    drawText(brush, one.note, box.x + pad, box.y + box.h - pad * 0.8 - note / 2, {
      ...text,
      size: note,
      colour: theme.textDim,
    });
  }
  return boxes;
}

/** What is being drawn: its corners, and what it would close. */
export function drawDrawn(brush: Brush, look: Look, drawn: Drawn): void {
  const { view, theme, unit } = look;
  for (const line of drawn.closes) tape(brush, look, line, 6);
  if (drawn.corners.length === 0) return;
  const area = drawn.shape === "area" && drawn.corners.length > 2;
  if (area) hatch(brush, look, drawn.corners);
  brush.beginPath();
  trace(brush, view, area ? [...drawn.corners, ...drawn.corners.slice(0, 1)] : drawn.corners);
  brush.strokeStyle = theme.halo;
  brush.lineWidth = 6 * unit;
  brush.stroke();
  brush.strokeStyle = theme.closed;
  brush.lineWidth = 3 * unit;
  brush.stroke();
  for (const corner of drawn.corners) {
    const { x, y } = view.project(corner);
    brush.beginPath();
    brush.arc(x, y, 5 * unit, 0, Math.PI * 2);
    brush.fillStyle = "#ffffff";
    brush.fill();
    brush.strokeStyle = theme.closed;
    brush.lineWidth = 2.5 * unit;
    brush.stroke();
  }
}
