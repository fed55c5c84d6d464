/** The town drawn at once, before MapLibre has compiled its shaders: a wall is useful from its first second. */
import type { LonLat, Town } from "../feed/types.ts";
import type { MapTheme } from "./theme.ts";

type Project = (lonlat: LonLat) => { x: number; y: number };

function trace(brush: CanvasRenderingContext2D, line: readonly GeoJSON.Position[], project: Project): void {
  line.forEach(([lon = 0, lat = 0], index) => {
    const { x, y } = project([lon, lat]);
    if (index === 0) brush.moveTo(x, y);
    else brush.lineTo(x, y);
  });
}

function traceAll(brush: CanvasRenderingContext2D, features: readonly GeoJSON.Feature[], project: Project): void {
  brush.beginPath();
  for (const { geometry } of features) {
    if (geometry.type === "LineString") trace(brush, geometry.coordinates, project);
    if (geometry.type === "Polygon") for (const ring of geometry.coordinates) trace(brush, ring, project);
  }
}

/** Draw outline, water, villages and roads as the style of the map does; `unit` is one design pixel. */
export function drawFirstSight(
  brush: CanvasRenderingContext2D,
  town: Town,
  theme: MapTheme,
  unit: number,
  project: Project,
): void {
  const outline: GeoJSON.Feature[] = [{ type: "Feature", properties: {}, geometry: town.outline }];
  traceAll(brush, outline, project);
  brush.fillStyle = theme.land;
  brush.fill();
  traceAll(brush, town.water.features, project);
  brush.fillStyle = theme.water;
  brush.fill();
  const lines: [readonly GeoJSON.Feature[], string, number][] = [
    [town.villages.features, theme.village, 1.2],
    [town.roads.features, theme.roadMinor, 1],
    [outline, theme.edge, 2],
  ];
  for (const [features, colour, width] of lines) {
    traceAll(brush, features, project);
    brush.strokeStyle = colour;
    brush.lineWidth = width * unit;
    brush.stroke();
  }
}
