/**
 * What changes, drawn on two canvases over the map: a moving one for people and pulses, redrawn a dozen times a second
 * at most, and above it a still one for signs and labels, redrawn when the scene or the view changes.
 */
import type { LonLat } from "../feed/types.ts";
import type { BaseNames } from "./base/names.ts";
import {
  type Box,
  drawAlert,
  drawCase,
  drawCone,
  drawFault,
  drawHeading,
  drawPoint,
  drawText,
  drawUnit,
  FONT,
} from "./brush.ts";
import { drawClosures, drawDrawn, drawRings, labelClosures } from "./closures.ts";
import { around, Places } from "./labels.ts";
import { Movers } from "./movers.ts";
import { drawRounds, labelRounds, roundAt } from "./rounds.ts";
import { emptyScene, type Mark, type Pick, type Scene } from "./scene.ts";
import type { MapTheme } from "./theme.ts";
import type { View } from "./view.ts";

/** People move less than a pixel in this time; a screen that cannot keep up is asked less often, not more. */
const FRAME_MS = 66;
const SLOWEST_MS = 250;
const PULSE_MS = 1600;

const inside = (box: Box | undefined, x: number, y: number) =>
  box !== undefined && x >= box.x && x <= box.x + box.w && y >= box.y && y <= box.y + box.h;

export class Overlay {
  private readonly still = document.createElement("canvas");
  private readonly moving = document.createElement("canvas");
  private readonly movers = new Movers();
  private readonly calm = matchMedia("(prefers-reduced-motion: reduce)");
  private scene: Scene = emptyScene;
  private villages: { name: string; lonlat: LonLat }[] = [];
  private width = 0;
  private height = 0;
  private dpr = 1;
  private frame = 0;
  private drawnAt = 0;
  private tickedAt = 0;
  private paceMs = 16;
  private labelled = new Map<string, Box>();
  private named = new Map<string, Box>();

  constructor(
    private readonly host: HTMLElement,
    private readonly view: View,
    private readonly theme: MapTheme,
    private readonly unit: number,
    private readonly names: BaseNames | null = null,
  ) {
    for (const canvas of [this.moving, this.still]) {
      canvas.className = "map-overlay";
      canvas.setAttribute("aria-hidden", "true");
      host.append(canvas);
    }
    this.resize();
    this.frame = requestAnimationFrame(this.tick);
  }

  destroy(): void {
    cancelAnimationFrame(this.frame);
    this.names?.destroy();
    this.still.remove();
    this.moving.remove();
  }

  name(villages: { name: string; lonlat: LonLat }[]): void {
    this.villages = villages;
    this.names?.without(villages.map((village) => village.name));
    this.redraw();
  }

  show(scene: Scene): void {
    this.movers.aim(scene.units, performance.now());
    this.scene = scene;
    this.redraw();
  }

  resize(): void {
    this.width = this.host.clientWidth;
    this.height = this.host.clientHeight;
    this.dpr = Math.min(2, devicePixelRatio || 1);
    for (const canvas of [this.still, this.moving]) {
      canvas.width = Math.round(this.width * this.dpr);
      canvas.height = Math.round(this.height * this.dpr);
    }
    this.redraw();
  }

  /** The topmost thing within reach of a click, or null. */
  pick(x: number, y: number): Pick | null {
    const reach = 18 * this.unit;
    const near = (lonlat: LonLat) => {
      const at = this.view.project(lonlat);
      return Math.hypot(at.x - x, at.y - y) <= reach;
    };
    const mark = [...this.scene.marks].reverse().find((item) => near(item.lonlat) || this.inLabel(item, x, y));
    if (mark) return mark.pick;
    const closed = this.scene.closures.find((item) => near(item.lonlat) || inside(this.named.get(item.id), x, y));
    if (closed) return { kind: "closure", id: closed.id };
    const point = this.scene.points.find((item) => near(item.lonlat));
    if (point) return point.pick;
    const line = this.scene.lines.find((item) => near(item.middle));
    if (line) return line.pick;
    const unit = this.scene.units.find((item) => near(this.movers.at(item.id, performance.now()) ?? item.lonlat));
    if (unit) return { kind: "unit", id: unit.id };
    const round = roundAt(this.view, this.scene.rounds, x, y, reach / 2);
    return round ? { kind: "round", id: round } : null;
  }

  private inLabel(mark: Mark, x: number, y: number): boolean {
    return inside(this.labelled.get(mark.pick.id), x, y);
  }

  private readonly tick = (time: number) => {
    this.frame = requestAnimationFrame(this.tick);
    this.paceMs += (Math.min(200, time - this.tickedAt) - this.paceMs) * 0.05;
    this.tickedAt = time;
    if (time - this.drawnAt < Math.min(SLOWEST_MS, Math.max(FRAME_MS, this.paceMs * 4))) return;
    this.drawnAt = time;
    this.drawMoving(time);
  };

  private brush(canvas: HTMLCanvasElement): CanvasRenderingContext2D | null {
    const brush = canvas.getContext("2d");
    brush?.setTransform(this.dpr, 0, 0, this.dpr, 0, 0);
    brush?.clearRect(0, 0, this.width, this.height);
    return brush;
  }

  redraw(): void {
    const brush = this.brush(this.still);
    if (!brush || this.width === 0) return;
    const places = new Places(this.width, this.height);
    const look = { view: this.view, theme: this.theme, unit: this.unit };
    drawRings(brush, look, this.scene.rings);
    this.drawCones(brush);
    drawRounds(brush, look, this.scene.rounds);
    this.drawLines(brush, places);
    this.drawRoutes(brush);
    drawClosures(brush, look, this.scene.closures, places);
    if (this.scene.drawn) drawDrawn(brush, look, this.scene.drawn);
    this.drawProof(brush);
    for (const lonlat of this.scene.faults) {
      const { x, y } = this.view.project(lonlat);
      drawFault(brush, this.theme, x, y, 4 * this.unit);
    }
    this.drawPoints(brush, places);
    this.drawMarks(brush, places);
    labelRounds(brush, look, this.scene.rounds, places);
    this.named = labelClosures(brush, look, this.scene.closures, places);
    this.drawVillages(brush, places);
    this.drawMoving(performance.now(), places);
    this.names?.draw(brush, this.view, places, { width: this.width, height: this.height });
  }

  private drawCones(brush: CanvasRenderingContext2D): void {
    const scale = this.view.metresPerPixel();
    for (const camera of this.scene.cones) {
      const { x, y } = this.view.project(camera.lonlat);
      const radius = Math.max(16 * this.unit, camera.range_m / scale);
      drawCone(brush, this.theme, { x, y, radius, headingDeg: camera.heading_deg, fovDeg: camera.fov_deg });
      brush.fillStyle = this.theme.camera;
      brush.beginPath();
      brush.arc(x, y, 4 * this.unit, 0, Math.PI * 2);
      brush.fill();
      drawText(brush, camera.number, x, y + 14 * this.unit, {
        size: 12 * this.unit,
        colour: this.theme.textDim,
        halo: this.theme.halo,
        align: "center",
      });
    }
  }

  private stroke(brush: CanvasRenderingContext2D, line: readonly LonLat[]): void {
    brush.beginPath();
    line.forEach((lonlat, index) => {
      const { x, y } = this.view.project(lonlat);
      if (index === 0) brush.moveTo(x, y);
      else brush.lineTo(x, y);
    });
    brush.stroke();
  }

  /** Mandatory streets: what is to do is dashed, what is proved is green and whole; half way the sign of how it stands. */
  private drawLines(brush: CanvasRenderingContext2D, places: Places): void {
    brush.lineCap = "butt";
    brush.lineJoin = "round";
    for (const line of this.scene.lines) {
      const width = (line.selected ? 6 : 4) * this.unit;
      brush.lineWidth = width;
      brush.strokeStyle =
        line.look === "none" ? this.theme.textDim : this.theme[line.look === "visited" ? "open" : line.look];
      brush.setLineDash([width * 1.6, width]);
      this.stroke(brush, line.line);
      brush.setLineDash([]);
      brush.strokeStyle = this.theme.visited;
      for (const part of line.done) this.stroke(brush, part);
      const { x, y } = this.view.project(line.middle);
      const sign = (this.view.zoom() > 13.5 ? 9 : 7) * this.unit;
      if (line.look !== "none") drawPoint(brush, this.theme, line.look, x, y, sign);
      places.take({ x: x - sign, y: y - sign, w: sign * 2, h: sign * 2 });
      if (!line.selected && line.look !== "missed" && this.view.zoom() < 13.5) continue;
      const size = 13 * this.unit;
      brush.font = `500 ${size}px ${FONT}`;
      const box = places.first(
        around(x, y, brush.measureText(line.title).width, size * 1.3, size * 1.2),
        line.selected,
      );
      const colour = line.look === "missed" ? this.theme.missed : this.theme.text;
      if (box)
        drawText(brush, line.title, box.x, box.y + box.h / 2, { size, weight: 500, halo: this.theme.halo, colour });
    }
    if (this.scene.draftLine.length === 0) return;
    brush.lineWidth = 4 * this.unit;
    brush.strokeStyle = this.theme.open;
    this.stroke(brush, this.scene.draftLine);
    brush.fillStyle = this.theme.open;
    for (const corner of this.scene.draftLine) {
      const { x, y } = this.view.project(corner);
      brush.beginPath();
      brush.arc(x, y, 4 * this.unit, 0, Math.PI * 2);
      brush.fill();
    }
  }

  private drawRoutes(brush: CanvasRenderingContext2D): void {
    brush.strokeStyle = this.theme.route;
    brush.lineWidth = 3 * this.unit;
    brush.lineCap = "round";
    brush.lineJoin = "round";
    brush.setLineDash([10 * this.unit, 8 * this.unit]);
    for (const route of this.scene.routes) this.stroke(brush, route);
    brush.setLineDash([]);
  }

  private drawProof(brush: CanvasRenderingContext2D): void {
    brush.fillStyle = this.theme.visited;
    for (const lonlat of this.scene.proof) {
      const { x, y } = this.view.project(lonlat);
      brush.beginPath();
      brush.arc(x, y, 3 * this.unit, 0, Math.PI * 2);
      brush.fill();
    }
    const { draft } = this.scene;
    if (!draft) return;
    const { x, y } = this.view.project(draft.lonlat);
    brush.beginPath();
    brush.arc(x, y, Math.max(6 * this.unit, draft.radius_m / this.view.metresPerPixel()), 0, Math.PI * 2);
    brush.fillStyle = `${this.theme.open}33`;
    brush.fill();
    brush.strokeStyle = this.theme.open;
    brush.lineWidth = 2 * this.unit;
    brush.stroke();
  }

  private drawPoints(brush: CanvasRenderingContext2D, places: Places): void {
    const size = (this.view.zoom() > 13.5 ? 9 : 7) * this.unit;
    for (const point of this.scene.points) {
      const { x, y } = this.view.project(point.lonlat);
      drawPoint(brush, this.theme, point.look, x, y, point.selected ? size * 1.35 : size);
      places.take({ x: x - size, y: y - size, w: size * 2, h: size * 2 });
      if (!point.selected && point.look !== "missed" && this.view.zoom() < 13.5) continue;
      const text = { size: 13 * this.unit, weight: point.selected ? 700 : 500, halo: this.theme.halo };
      brush.font = `${text.weight} ${text.size}px ${FONT}`;
      const w = brush.measureText(point.title).width;
      const box = places.first(around(x, y, w, text.size * 1.3, size * 1.5), point.selected);
      const colour = point.look === "missed" ? this.theme.missed : this.theme.text;
      if (box) drawText(brush, point.title, box.x, box.y + box.h / 2, { ...text, colour });
    }
  }

  private drawMarks(brush: CanvasRenderingContext2D, places: Places): void {
    const signs = this.scene.marks.map((mark) => ({ mark, ...this.view.project(mark.lonlat) }));
    const size = 15 * this.unit;
    for (const { x, y } of signs) places.take({ x: x - size, y: y - size, w: size * 2, h: size * 2 });
    this.labelled = new Map();
    for (const { mark, x, y } of signs) {
      const draw = mark.pick.kind === "alert" ? drawAlert : drawCase;
      draw(brush, this.theme, mark.level, x, y, mark.selected ? size * 1.2 : size);
    }
    for (const { mark, x, y } of [...signs].reverse()) this.drawLabel(brush, places, mark, x, y, size);
  }

  private drawLabel(
    brush: CanvasRenderingContext2D,
    places: Places,
    mark: Mark,
    x: number,
    y: number,
    size: number,
  ): void {
    const title = 16 * this.unit;
    const note = 12.5 * this.unit;
    const pad = 10 * this.unit;
    brush.font = `600 ${title}px ${FONT}`;
    const titleW = brush.measureText(mark.title).width;
    brush.font = `500 ${note}px ${FONT}`;
    const w = Math.max(titleW, brush.measureText(mark.note).width) + pad * 2;
    const box = places.first(around(x, y, w, title + note + pad * 1.7, size * 1.5), mark.selected || mark.pulsing);
    if (!box) return;
    this.labelled.set(mark.pick.id, box);
    brush.beginPath();
    brush.roundRect(box.x, box.y, box.w, box.h, 5 * this.unit);
    brush.fillStyle = this.theme.panel;
    brush.fill();
    brush.strokeStyle = `${this.theme.levels[mark.level]}${mark.selected ? "" : "b0"}`;
    brush.lineWidth = (mark.selected ? 2.2 : 1.3) * this.unit;
    brush.stroke();
    const text = { halo: "transparent", colour: this.theme.text };
    drawText(brush, mark.title, box.x + pad, box.y + pad * 0.8 + title / 2, {
      ...text,
      size: title,
      weight: 600,
    });
    drawText(brush, mark.note, box.x + pad, box.y + box.h - pad * 0.7 - note / 2, {
      ...text,
      size: note,
      colour: this.theme.textDim,
    });
  }

  private drawVillages(brush: CanvasRenderingContext2D, places: Places): void {
    const size = 14 * this.unit;
    for (const { name, lonlat } of this.villages) {
      const { x, y } = this.view.project(lonlat);
      const spaced = [...name].join("\u200a");
      brush.font = `500 ${size}px ${FONT}`;
      const w = brush.measureText(spaced).width;
      const box = places.first([{ x: x - w / 2, y: y - size, w, h: size * 1.6 }, ...around(x, y, w, size * 1.4, size)]);
      const look = { size, weight: 500, colour: this.theme.textDim, halo: this.theme.land };
      if (box) drawText(brush, spaced, box.x, box.y + box.h / 2, look);
    }
  }

  private drawMoving(time: number, places?: Places): void {
    const brush = this.brush(this.moving);
    if (!brush) return;
    const size = 8 * this.unit;
    if (places) this.placeUnitLabels(brush, places, time, size);
    this.drawPulses(brush, time);
    for (const unit of this.scene.units) {
      const { x, y } = this.view.project(this.movers.at(unit.id, time) ?? unit.lonlat);
      if (x < -20 || y < -20 || x > this.width + 20 || y > this.height + 20) continue;
      if (unit.headingDeg !== null && unit.look !== "stale")
        drawHeading(brush, this.theme, unit.headingDeg, x, y, size);
      drawUnit(brush, this.theme, unit.look, x, y, size);
      const offset = this.unitLabels.get(unit.id);
      if (!offset) continue;
      brush.font = `500 ${12 * this.unit}px ${FONT}`;
      brush.textAlign = "left";
      brush.textBaseline = "middle";
      brush.fillStyle = unit.look === "busy" ? this.theme.text : this.theme.textDim;
      brush.fillText(unit.label, x + offset.x, y + offset.y);
    }
  }

  private unitLabels = new Map<string, { x: number; y: number }>();

  /** Decide which call signs have room; they then move along with their people until the next decision. */
  private placeUnitLabels(brush: CanvasRenderingContext2D, places: Places, time: number, size: number): void {
    this.unitLabels = new Map();
    brush.font = `500 ${12 * this.unit}px ${FONT}`;
    const order = { busy: 0, patrol: 1, calm: 2, stale: 3 };
    for (const unit of [...this.scene.units].sort((a, b) => order[a.look] - order[b.look])) {
      const { x, y } = this.view.project(this.movers.at(unit.id, time) ?? unit.lonlat);
      const w = brush.measureText(unit.label).width;
      const box = places.first(around(x, y, w, 15 * this.unit, size * 1.5).slice(0, 2), unit.look === "busy");
      if (box) this.unitLabels.set(unit.id, { x: box.x - x, y: box.y + box.h / 2 - y });
    }
  }

  private drawPulses(brush: CanvasRenderingContext2D, time: number): void {
    for (const mark of this.scene.marks) {
      if (!mark.pulsing && !mark.selected) continue;
      const { x, y } = this.view.project(mark.lonlat);
      const phase = mark.pulsing && !this.calm.matches ? (time % PULSE_MS) / PULSE_MS : 0.35;
      brush.beginPath();
      brush.arc(x, y, (18 + 30 * phase) * this.unit, 0, Math.PI * 2);
      brush.strokeStyle = this.theme.levels[mark.level];
      brush.globalAlpha = 1 - phase;
      brush.lineWidth = 3 * this.unit;
      brush.stroke();
      brush.globalAlpha = 1;
    }
  }
}
