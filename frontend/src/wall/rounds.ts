/** Rounds on the map: what is gone is a whole line, what is still to go a row of dots, where the chosen one goes next a flag. */
import type { LonLat } from "../feed/types.ts";
import { drawText, FONT } from "./brush.ts";
import { around, type Places } from "./labels.ts";
import { shapeOf, within } from "./paths.ts";
import type { RoundMark } from "./scene.ts";
import type { MapTheme } from "./theme.ts";
import type { View } from "./view.ts";

type Brush = CanvasRenderingContext2D;
interface Look {
  view: Pick<View, "project">;
  theme: MapTheme;
  /** Size of one design pixel. */
  unit: number;
}
const PALE = 0.3;

function stroke(brush: Brush, { view }: Look, line: readonly LonLat[], width: number, dash: readonly number[]): void {
  const shape = line.length > 1 ? shapeOf(line, [line]) : null;
  if (!shape) return;
  within(brush, view, shape, (path, scale) => {
    brush.lineWidth = width / scale;
    brush.setLineDash(dash.map((part) => part / scale));
    brush.stroke(path);
  });
}

export function drawRounds(brush: Brush, look: Look, rounds: readonly RoundMark[]): void {
  const { theme, unit } = look;
  brush.lineCap = "round";
  brush.lineJoin = "round";
  // The chosen one lies on top.
  for (const one of [...rounds].sort((a, b) => Number(a.selected) - Number(b.selected))) {
    const bold = one.selected ? 1.5 : 1;
    brush.globalAlpha = one.pale ? PALE : 1;
    brush.strokeStyle = theme.unitPatrol;
    for (const line of one.left) stroke(brush, look, line, 2.4 * bold * unit, [0.01, 6.5 * bold * unit]);
    for (const line of one.done) stroke(brush, look, line, 3 * bold * unit, []);
  }
  brush.globalAlpha = 1;
  brush.setLineDash([]);
}

/** The next stop of the chosen round: a ring around its place and a label with its time. */
export function labelRounds(brush: Brush, look: Look, rounds: readonly RoundMark[], places: Places): void {
  const { view, theme, unit } = look;
  const [title, note, pad] = [15 * unit, 12.5 * unit, 8 * unit];
  for (const { next } of rounds) {
    if (!next) continue;
    const { x, y } = view.project(next.lonlat);
    brush.beginPath();
    brush.arc(x, y, 15 * unit, 0, Math.PI * 2);
    brush.strokeStyle = theme.unitPatrol;
    brush.lineWidth = 3 * unit;
    brush.stroke();
    brush.font = `600 ${title}px ${FONT}`;
    const titleW = brush.measureText(next.title).width;
    brush.font = `600 ${note}px ${FONT}`;
    const w = Math.max(titleW, brush.measureText(next.note).width) + pad * 2;
    const h = title + pad * 1.4 + (next.note ? note * 1.4 : 0);
    const box = places.first(around(x, y, w, h, 20 * unit), true);
    if (!box) continue;
    brush.beginPath();
    brush.roundRect(box.x, box.y, box.w, box.h, 5 * unit);
    brush.fillStyle = theme.panel;
    brush.fill();
    brush.strokeStyle = theme.unitPatrol;
    brush.lineWidth = 1.6 * unit;
    brush.stroke();
    const text = { halo: "transparent", weight: 600 };
    const top = box.y + pad * 0.7 + title / 2;
    drawText(brush, next.title, box.x + pad, top, { ...text, size: title, colour: theme.text });
    if (!next.note) continue;
    drawText(brush, next.note, box.x + pad, box.y + box.h - pad * 0.6 - note / 2, {
      ...text,
      size: note,
      colour: theme.due,
    });
  }
}

/** The round whose way lies nearest to a place on the screen, within reach. */
export function roundAt(
  view: Pick<View, "project">,
  rounds: readonly RoundMark[],
  x: number,
  y: number,
  reach: number,
): string | null {
  let best: { id: string; far: number } | null = null;
  for (const one of rounds)
    for (const line of [...one.done, ...one.left])
      for (const [step, to] of line.slice(1).entries()) {
        const a = view.project(line[step] ?? to);
        const b = view.project(to);
        const whole = (b.x - a.x) ** 2 + (b.y - a.y) ** 2;
        const along = whole === 0 ? 0 : ((x - a.x) * (b.x - a.x) + (y - a.y) * (b.y - a.y)) / whole;
        const share = Math.min(1, Math.max(0, along));
        const far = Math.hypot(a.x + (b.x - a.x) * share - x, a.y + (b.y - a.y) * share - y);
        if (far <= reach && (!best || far < best.far)) best = { id: one.id, far };
      }
  return best?.id ?? null;
}
