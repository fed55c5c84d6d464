/** What stands still, as paths made once and drawn at any view: the town without a map library. */
import type { Town } from "../feed/types.ts";
import type { BaseTiles } from "./base/tiles.ts";
import type { MapTheme } from "./theme.ts";
import { type FlatView, mercator } from "./view.ts";

/** Paths count in units of 1/UNITS of the world from the town's corner: canvas paths keep only 24 bits of a number. */
const UNITS = 2 ** 22;
const MAJOR = new Set(["provincial", "county", "main"]);

export class Ground {
  private readonly corner: [number, number];
  private readonly land: Path2D;
  /** Everything but the town. */
  private readonly outside: Path2D;
  private readonly special: Path2D;
  private readonly water: Path2D;
  private readonly grids: Path2D;
  private readonly villages: Path2D;
  private readonly minor: Path2D;
  private readonly major: Path2D;
  private readonly cameras: { at: [number, number]; feed: boolean }[];

  constructor(town: Town) {
    this.corner = mercator([town.bounds[0], town.bounds[3]]);
    const { features: grids } = town.grids;
    const { features: roads } = town.roads;
    this.land = this.path([{ type: "Feature", properties: {}, geometry: town.outline }]);
    this.outside = new Path2D(this.land);
    this.outside.rect(-UNITS, -UNITS, 2 * UNITS, 2 * UNITS);
    this.special = this.path(grids.filter((grid) => grid.properties?.kind === "special"));
    this.water = this.path(town.water.features);
    this.grids = this.path(grids);
    this.villages = this.path(town.villages.features);
    this.minor = this.path(roads.filter((road) => !MAJOR.has(road.properties?.class)));
    this.major = this.path(roads.filter((road) => MAJOR.has(road.properties?.class)));
    this.cameras = town.cameras.map((camera) => ({ at: this.local(camera.lonlat), feed: camera.has_feed }));
  }

  private local(position: readonly number[]): [number, number] {
    const [x, y] = mercator([position[0] ?? 0, position[1] ?? 0]);
    return [(x - this.corner[0]) * UNITS, (y - this.corner[1]) * UNITS];
  }

  private path(features: readonly GeoJSON.Feature[]): Path2D {
    const path = new Path2D();
    const add = (line: readonly GeoJSON.Position[]) => {
      line.forEach((position, index) => {
        const [x, y] = this.local(position);
        if (index === 0) path.moveTo(x, y);
        else path.lineTo(x, y);
      });
    };
    for (const { geometry } of features) {
      if (geometry.type === "LineString") add(geometry.coordinates);
      else if (geometry.type === "Polygon" || geometry.type === "MultiLineString") geometry.coordinates.forEach(add);
      else if (geometry.type === "MultiPolygon") for (const rings of geometry.coordinates) rings.forEach(add);
    }
    return path;
  }

  /** Draw the town; `unit` is one design pixel, `dpr` device pixels per pixel. */
  draw(
    brush: CanvasRenderingContext2D,
    view: FlatView,
    theme: MapTheme,
    unit: number,
    dpr: number,
    base: BaseTiles | null = null,
  ): void {
    const perUnit = view.scale / UNITS;
    const left = view.width / 2 + (this.corner[0] - view.middle[0]) * view.scale;
    const top = view.height / 2 + (this.corner[1] - view.middle[1]) * view.scale;
    brush.setTransform(dpr, 0, 0, dpr, 0, 0);
    brush.fillStyle = theme.back;
    brush.fillRect(0, 0, view.width, view.height);
    const ownScale = () => brush.setTransform(dpr * perUnit, 0, 0, dpr * perUnit, dpr * left, dpr * top);
    ownScale();
    brush.lineJoin = "round";
    brush.lineCap = "round";
    const fill = (path: Path2D, colour: string) => {
      brush.fillStyle = colour;
      brush.fill(path);
    };
    const line = (path: Path2D, colour: string, widthPx: number) => {
      brush.strokeStyle = colour;
      brush.lineWidth = widthPx / perUnit;
      brush.stroke(path);
    };
    const grow = (at11: number, at16: number) => {
      const share = Math.min(1, Math.max(0, (view.zoom() - 11) / 5));
      return (at11 + (at16 - at11) * share) * unit;
    };
    const lines = () => {
      fill(this.water, theme.water);
      line(this.minor, theme.roadMinor, grow(0.9, 5));
      line(this.major, theme.roadMajor, grow(1.8, 9));
    };
    fill(this.land, theme.land);
    if (base) {
      const missing = base.draw(brush, view, dpr);
      if (missing.length > 0) {
        brush.save();
        brush.setTransform(dpr, 0, 0, dpr, 0, 0);
        brush.beginPath();
        for (const { x, y, w, h } of missing) brush.rect(x, y, w, h);
        brush.clip();
        ownScale();
        lines();
        brush.restore();
      }
      ownScale();
      brush.fillStyle = theme.base.veil;
      brush.fill(this.outside, "evenodd");
    }
    fill(this.special, `${theme.village}${base ? "26" : "40"}`);
    if (!base) fill(this.water, theme.water);
    line(this.grids, theme.grid, unit);
    brush.setLineDash([(5.6 * unit) / perUnit, (2.8 * unit) / perUnit]);
    line(this.villages, theme.village, 1.4 * unit);
    brush.setLineDash([]);
    if (!base) {
      line(this.minor, theme.roadMinor, grow(0.9, 5));
      line(this.major, theme.roadMajor, grow(1.8, 9));
    }
    line(this.land, theme.edge, 2 * unit);
    brush.setTransform(dpr, 0, 0, dpr, 0, 0);
    this.drawCameras(brush, view, theme, grow(1.5, 5), (at) => [left + at[0] * perUnit, top + at[1] * perUnit]);
  }

  private drawCameras(
    brush: CanvasRenderingContext2D,
    view: FlatView,
    theme: MapTheme,
    radius: number,
    place: (at: [number, number]) => [number, number],
  ): void {
    for (const feed of [false, true]) {
      brush.beginPath();
      for (const camera of this.cameras) {
        if (camera.feed !== feed) continue;
        const [x, y] = place(camera.at);
        if (x < -9 || y < -9 || x > view.width + 9 || y > view.height + 9) continue;
        brush.moveTo(x + radius, y);
        brush.arc(x, y, radius, 0, Math.PI * 2);
      }
      brush.fillStyle = feed ? theme.camera : theme.cameraDim;
      brush.fill();
    }
  }
}
