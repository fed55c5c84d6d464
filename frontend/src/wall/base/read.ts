/** Decode a vector tile into what is painted, and into the names that are written. */
import { VectorTile, type VectorTileFeature } from "@mapbox/vector-tile";
import { PbfReader } from "pbf";
import { EXTENT, type Shape, type Shapes } from "./paint.ts";
import type { Named } from "./protocol.ts";

const AREA = 3;
/** A road may turn so much and still carry its name straight. */
const STRAIGHT_RAD = 0.12;
const ROAD_RANK: Record<string, number> = { motorway: 3, trunk: 3, primary: 3, secondary: 4, tertiary: 5, minor: 6 };

export const decode = (body: ArrayBuffer) => new VectorTile(new PbfReader(new Uint8Array(body)));

function shapeOf(feature: VectorTileFeature): Shape {
  const box: Shape["box"] = [Infinity, Infinity, -Infinity, -Infinity];
  const lines = feature.loadGeometry().map((points) => {
    const line = new Int16Array(points.length * 2);
    points.forEach(({ x, y }, index) => {
      line[index * 2] = x;
      line[index * 2 + 1] = y;
      box[0] = Math.min(box[0], x);
      box[1] = Math.min(box[1], y);
      box[2] = Math.max(box[2], x);
      box[3] = Math.max(box[3], y);
    });
    return line;
  });
  return { area: feature.type === AREA, lines, box };
}

export function shapesOf(tile: VectorTile): Shapes {
  const layers = new Map<string, Map<string, Shape[]>>();
  for (const [name, layer] of Object.entries(tile.layers)) {
    if (name === "places") continue;
    const classes = new Map<string, Shape[]>();
    for (let i = 0; i < layer.length; i++) {
      const feature = layer.feature(i);
      const kind = String(feature.properties.class ?? "");
      const list = classes.get(kind);
      if (list) list.push(shapeOf(feature));
      else classes.set(kind, [shapeOf(feature)]);
    }
    layers.set(name, classes);
  }
  return layers;
}

interface Run {
  x: number;
  y: number;
  angle: number;
  length: number;
}

/** The longest stretch of a line that is straight enough to write on. */
function straightest(points: readonly { x: number; y: number }[]): Run | null {
  let best: Run | null = null;
  let start = 0;
  let heading = 0;
  for (let i = 1; i < points.length; i++) {
    const a = points[i - 1];
    const b = points[i];
    const first = points[start];
    if (!a || !b || !first) continue;
    const next = Math.atan2(b.y - a.y, b.x - a.x);
    const turn = Math.abs(Math.atan2(Math.sin(next - heading), Math.cos(next - heading)));
    if (i - 1 === start || turn > STRAIGHT_RAD) {
      start = i - 1;
      heading = next;
    }
    const from = points[start] ?? first;
    const length = Math.hypot(b.x - from.x, b.y - from.y);
    const angle = Math.atan2(b.y - from.y, b.x - from.x);
    if (!best || length > best.length) best = { x: (from.x + b.x) / 2, y: (from.y + b.y) / 2, angle, length };
  }
  return best;
}

export function namesOf(tile: VectorTile, z: number, x: number, y: number): Named[] {
  const world = EXTENT * 2 ** z;
  const lonlat = (px: number, py: number): [number, number] => {
    const [across, down] = [(x * EXTENT + px) / world, (y * EXTENT + py) / world];
    return [across * 360 - 180, (Math.atan(Math.sinh(Math.PI * (1 - 2 * down))) * 180) / Math.PI];
  };
  const inside = (px: number, py: number) => px >= 0 && py >= 0 && px < EXTENT && py < EXTENT;
  const names: Named[] = [];
  const { places, roads } = tile.layers;
  for (let i = 0; i < (places?.length ?? 0); i++) {
    const feature = places?.feature(i);
    const at = feature?.loadGeometry()[0]?.[0];
    if (!feature || !at || !inside(at.x, at.y)) continue;
    const { name, rank, class: kind } = feature.properties;
    names.push({
      name: String(name),
      class: String(kind),
      rank: Number(rank),
      lonlat: lonlat(at.x, at.y),
      along: null,
    });
  }
  for (let i = 0; i < (roads?.length ?? 0); i++) {
    const feature = roads?.feature(i);
    const name = feature?.properties.name;
    const rank = ROAD_RANK[String(feature?.properties.class)];
    if (!feature || !name || rank === undefined) continue;
    for (const points of feature.loadGeometry()) {
      const run = straightest(points);
      if (!run || !inside(run.x, run.y)) continue;
      const along = { angle: run.angle, length: run.length / world };
      names.push({ name: String(name), class: "road", rank, lonlat: lonlat(run.x, run.y), along });
    }
  }
  return names.sort((a, b) => a.rank - b.rank || (b.along?.length ?? 0) - (a.along?.length ?? 0));
}
