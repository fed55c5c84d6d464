/** Draw one vector tile on a canvas by the rules; of a tile beyond the highest zoom, a part of its ancestor. */
import type { BaseColours } from "./colours.ts";
import { EDGE_FROM, EDGE_PX, RULES, type Rule, widthAt } from "./rules.ts";

export const EXTENT = 4096;

/** One thing of a tile: rings or lines as x, y, x, y … in units of 1/4096 of the tile. */
export interface Shape {
  area: boolean;
  lines: Int16Array[];
  box: [number, number, number, number];
}

/** Shapes by layer and class. */
export type Shapes = ReadonlyMap<string, ReadonlyMap<string, readonly Shape[]>>;

/** Which part of the tile is wanted, in its units, and how many pixels one unit is. */
export interface Part {
  left: number;
  top: number;
  size: number;
  scale: number;
}

/** Broad roads reach in from beyond the edge. */
const MARGIN = 96;

type Brush = OffscreenCanvasRenderingContext2D | CanvasRenderingContext2D;

function* shapesOf(shapes: Shapes, rule: Rule, part: Part): Generator<Shape> {
  const layer = shapes.get(rule.layer);
  if (!layer) return;
  const [right, bottom] = [part.left + part.size, part.top + part.size];
  for (const [name, list] of layer) {
    if (rule.classes && !rule.classes.includes(name)) continue;
    for (const shape of list) {
      if (shape.area !== (rule.kind === "area")) continue;
      const [west, north, east, south] = shape.box;
      if (west > right + MARGIN || east < part.left - MARGIN || north > bottom + MARGIN || south < part.top - MARGIN)
        continue;
      yield shape;
    }
  }
}

function trace(brush: Brush, shapes: Iterable<Shape>, part: Part): boolean {
  let any = false;
  brush.beginPath();
  for (const shape of shapes) {
    for (const line of shape.lines) {
      for (let i = 0; i < line.length; i += 2) {
        const x = ((line[i] ?? 0) - part.left) * part.scale;
        const y = ((line[i + 1] ?? 0) - part.top) * part.scale;
        if (i === 0) brush.moveTo(x, y);
        else brush.lineTo(x, y);
      }
      if (shape.area) brush.closePath();
    }
    any = true;
  }
  return any;
}

/** `unit` is one design pixel in pixels of the canvas. */
export function paintTile(
  brush: Brush,
  shapes: Shapes,
  part: Part,
  look: { zoom: number; unit: number; colours: BaseColours },
): void {
  brush.lineJoin = "round";
  brush.lineCap = "round";
  for (const rule of RULES) {
    if (look.zoom < rule.from || !trace(brush, shapesOf(shapes, rule, part), part)) continue;
    if (rule.kind === "area") {
      brush.fillStyle = look.colours[rule.colour];
      // Rings of holes run against those around them, and areas of one class may lie over one another.
      brush.fill("nonzero");
      if (!rule.edge || look.zoom < EDGE_FROM) continue;
      brush.strokeStyle = look.colours[rule.edge];
      brush.lineWidth = EDGE_PX * look.unit;
      brush.stroke();
    } else {
      const width = widthAt(rule.widths, look.zoom) * look.unit;
      brush.strokeStyle = look.colours[rule.colour];
      brush.lineWidth = width;
      brush.lineCap = rule.dash ? "butt" : "round";
      brush.setLineDash(rule.dash ? rule.dash.map((share) => Math.max(share * width, 2)) : []);
      brush.stroke();
      brush.setLineDash([]);
    }
  }
}
