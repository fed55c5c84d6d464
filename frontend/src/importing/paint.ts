/** How a layer that waits to be imported is drawn: calm where it is good, crossed where a row is bad. */
import type { GridFault } from "../feed/types.ts";

type Place = (position: GeoJSON.Position) => { x: number; y: number };
export type Look = "good" | "bad" | "chosen";

const COLOURS: Record<Look, string> = { good: "#0a7f8f", bad: "#a65a00", chosen: "#15283a" };
const FAULTS: Record<string, string> = {
  gap: "#7a4fbf",
  overlap: "#a65a00",
  outside: "#8a5a44",
  village: "#566c80",
};

function trace(brush: CanvasRenderingContext2D, line: readonly GeoJSON.Position[], at: Place): void {
  line.forEach((position, index) => {
    const { x, y } = at(position);
    if (index === 0) brush.moveTo(x, y);
    else brush.lineTo(x, y);
  });
}

function paintPoint(brush: CanvasRenderingContext2D, position: GeoJSON.Position, at: Place, look: Look): void {
  const { x, y } = at(position);
  brush.beginPath();
  if (look === "bad") {
    brush.moveTo(x - 4, y - 4);
    brush.lineTo(x + 4, y + 4);
    brush.moveTo(x + 4, y - 4);
    brush.lineTo(x - 4, y + 4);
    brush.stroke();
    return;
  }
  brush.arc(x, y, look === "chosen" ? 9 : 3.5, 0, Math.PI * 2);
  if (look === "chosen") brush.stroke();
  else brush.fill();
}

/** Lines of a shape: its rings, or its way. */
export function linesOf(shape: GeoJSON.Geometry): GeoJSON.Position[][] {
  if (shape.type === "LineString") return [shape.coordinates];
  if (shape.type === "Polygon" || shape.type === "MultiLineString") return shape.coordinates;
  return shape.type === "MultiPolygon" ? shape.coordinates.flat() : [];
}

export function paintFeature(brush: CanvasRenderingContext2D, shape: GeoJSON.Geometry, at: Place, look: Look): void {
  brush.fillStyle = brush.strokeStyle = COLOURS[look];
  brush.lineWidth = look === "good" ? 1.5 : 2.5;
  brush.lineJoin = "round";
  if (shape.type === "Point") {
    paintPoint(brush, shape.coordinates, at, look);
    return;
  }
  brush.setLineDash(look === "bad" ? [6, 4] : []);
  brush.beginPath();
  for (const line of linesOf(shape)) trace(brush, line, at);
  brush.stroke();
  brush.setLineDash([]);
}

export function paintFault(brush: CanvasRenderingContext2D, fault: GridFault, at: Place): void {
  const colour = FAULTS[fault.kind] ?? "#7a4fbf";
  brush.beginPath();
  trace(brush, fault.outline, at);
  brush.fillStyle = `${colour}66`;
  brush.fill();
  brush.strokeStyle = colour;
  brush.lineWidth = fault.sliver ? 3 : 1.5;
  brush.stroke();
}
