/** What is drawn over the pictures: how old each is, what is wrong with it, and what is chosen. Never colour alone. */
import { shapeOf, troubleRank } from "../fold/trouble.ts";
import { FONT } from "../wall/brush.ts";
import type { Cell } from "./layout.ts";
import { OLD_S } from "./protocol.ts";

type Brush = CanvasRenderingContext2D;

export interface VeilScene {
  cells: readonly Cell[];
  /** Age of the painted picture in seconds, null when there is none. */
  ageS(index: number): number | null;
  state(id: string): string | undefined;
  letter(state: string): string;
  caption(id: string): string;
  alerted: ReadonlySet<string>;
  found: ReadonlySet<string>;
  selectedId: string | null;
  hoveredId: string | null;
}

const WARN = "#ffb454";
const LOST = "#c9d6e2";
const CAPTION_FROM_W = 96;
const NUMBER_FROM_W = 30;

export function drawVeil(brush: Brush, scene: VeilScene): void {
  scene.cells.forEach((cell, index) => {
    const age = scene.ageS(index);
    if (age === null) drawEmpty(brush, cell, scene.caption(cell.id));
    else if (age > OLD_S) drawOld(brush, cell, age);
    const state = scene.state(cell.id);
    if (state !== undefined && troubleRank(state) !== null) drawTrouble(brush, cell, state, scene.letter(state));
    if (age !== null && cell.w >= CAPTION_FROM_W) drawCaption(brush, cell, scene.caption(cell.id));
    if (scene.alerted.has(cell.id)) ring(brush, cell, "#ff4d4f", 2);
    if (scene.found.has(cell.id)) ring(brush, cell, "#7ff0ea", 2);
  });
  for (const cell of scene.cells) {
    if (cell.id === scene.hoveredId && cell.id !== scene.selectedId) ring(brush, cell, "#e7f5ff", 1.5);
    if (cell.id === scene.selectedId) drawChosen(brush, cell);
  }
}

function ring(brush: Brush, { x, y, w, h }: Cell, colour: string, width: number): void {
  brush.strokeStyle = colour;
  brush.lineWidth = width;
  brush.setLineDash([]);
  brush.strokeRect(x + width / 2, y + width / 2, w - width, h - width);
}

function drawChosen(brush: Brush, { x, y, w, h }: Cell): void {
  brush.setLineDash([]);
  brush.strokeStyle = "#04121d";
  brush.lineWidth = 6;
  brush.strokeRect(x - 2, y - 2, w + 4, h + 4);
  brush.strokeStyle = "#7ff0ea";
  brush.lineWidth = 3;
  brush.strokeRect(x - 2, y - 2, w + 4, h + 4);
}

function drawEmpty(brush: Brush, { x, y, w, h }: Cell, caption: string): void {
  if (w < NUMBER_FROM_W) return;
  brush.fillStyle = "#4b7389";
  const size = Math.min(w / 3.6, 20);
  brush.font = `500 ${size}px ${FONT}`;
  brush.textAlign = "center";
  brush.textBaseline = "middle";
  brush.fillText(caption.split(" ")[0] ?? "", x + w / 2, y + h * 0.74, w);
}

/** An old picture is dimmed, framed with dashes, and says its age where there is room. */
function drawOld(brush: Brush, { x, y, w, h }: Cell, age: number): void {
  brush.fillStyle = `rgba(4, 14, 24, ${Math.min(0.78, 0.3 + age / 60)})`;
  brush.fillRect(x, y, w, h);
  brush.strokeStyle = WARN;
  brush.lineWidth = 1;
  brush.setLineDash([3, 2]);
  brush.strokeRect(x + 0.5, y + 0.5, w - 1, h - 1);
  brush.setLineDash([]);
  if (w < NUMBER_FROM_W) return;
  const size = Math.min(w / 4, 18);
  brush.font = `600 ${size}px ${FONT}`;
  brush.textAlign = "right";
  brush.textBaseline = "bottom";
  brush.fillStyle = WARN;
  brush.fillText(ageText(age), x + w - 3, y + h - 1);
}

export function ageText(age: number): string {
  if (age < 100) return `${Math.round(age)}s`;
  return age < 6000 ? `${Math.round(age / 60)}m` : `${Math.round(age / 3600)}h`;
}

/** A sign with a letter in the corner: a cross-barred square without a picture, a triangle for a bad one. */
function drawTrouble(brush: Brush, cell: Cell, state: string, letter: string): void {
  const shape = shapeOf(state);
  const size = Math.max(11, Math.min(26, cell.w * 0.36));
  const [x, y] = [cell.x + 2, cell.y + 2];
  const colour = shape === "triangle" ? WARN : shape === "cross" ? LOST : "#8aa4bf";
  brush.setLineDash([]);
  if (shape === "cross") {
    brush.strokeStyle = "rgba(201, 214, 226, 0.4)";
    brush.lineWidth = 1;
    brush.beginPath();
    brush.moveTo(cell.x, cell.y + cell.h);
    brush.lineTo(cell.x + cell.w, cell.y);
    brush.stroke();
  }
  ring(brush, cell, colour, shape === "ring" ? 1 : 1.5);
  brush.beginPath();
  if (shape === "triangle") {
    brush.moveTo(x, y);
    brush.lineTo(x + size * 1.5, y);
    brush.lineTo(x, y + size * 1.5);
    brush.closePath();
  } else if (shape === "cross") brush.rect(x, y, size, size);
  else brush.arc(x + size / 2, y + size / 2, size / 2, 0, Math.PI * 2);
  brush.fillStyle = colour;
  brush.fill();
  brush.fillStyle = "#04121d";
  brush.font = `700 ${size * (shape === "triangle" ? 0.72 : 0.8)}px ${FONT}`;
  brush.textAlign = "center";
  brush.textBaseline = "middle";
  brush.fillText(letter, x + size * (shape === "triangle" ? 0.46 : 0.5), y + size * 0.52);
}

function drawCaption(brush: Brush, { x, y, w, h }: Cell, caption: string): void {
  const size = Math.max(11, Math.min(16, w / 10));
  brush.fillStyle = "rgba(6, 16, 26, 0.78)";
  brush.fillRect(x, y + h - size * 1.5, w, size * 1.5);
  brush.fillStyle = "#e7f5ff";
  brush.font = `500 ${size}px ${FONT}`;
  brush.textAlign = "left";
  brush.textBaseline = "middle";
  brush.save();
  brush.beginPath();
  brush.rect(x, y, w - 4, h);
  brush.clip();
  brush.fillText(caption, x + 5, y + h - size * 0.72);
  brush.restore();
}
