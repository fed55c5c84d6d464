/** The still part of the map as a MapLibre style: the town itself, its tiles from this hall, no glyph server. */
import type { LayerSpecification, SourceSpecification, StyleSpecification } from "maplibre-gl";
import type { Basemap, Town } from "../feed/types.ts";
import { EDGE_FROM, EDGE_PX, GROWTH, RULES, type Rule, type Width } from "./base/rules.ts";
import type { MapTheme } from "./theme.ts";

const ROAD_CLASS = ["to-string", ["coalesce", ["get", "class"], ["get", "kind"], ""]];
const MAJOR = ["in", ROAD_CLASS, ["literal", ["provincial", "county", "main"]]];

function cameraPoints(town: Town): GeoJSON.FeatureCollection {
  return {
    type: "FeatureCollection",
    features: town.cameras.map((camera) => ({
      type: "Feature",
      properties: { id: camera.id, feed: camera.has_feed },
      geometry: { type: "Point", coordinates: camera.lonlat },
    })),
  };
}

const geojson = (data: GeoJSON.GeoJSON) => ({ type: "geojson" as const, data });

function inBase(theme: MapTheme, unit: number, rule: Rule): LayerSpecification[] {
  const shape = rule.kind === "area" ? "Polygon" : "LineString";
  const classes = rule.classes ? [["in", ["get", "class"], ["literal", rule.classes]]] : [];
  const common = {
    source: "base",
    "source-layer": rule.layer,
    minzoom: rule.from,
    filter: ["all", ["==", ["geometry-type"], shape], ...classes],
  };
  const line = (id: string, colour: string, width: unknown, dash?: readonly number[]) => ({
    id,
    type: "line",
    ...common,
    layout: { "line-cap": dash ? "butt" : "round", "line-join": "round" },
    paint: { "line-color": colour, "line-width": width, ...(dash ? { "line-dasharray": dash } : {}) },
  });
  if (rule.kind === "line")
    return [line(rule.id, theme.base[rule.colour], growing(rule.widths, unit), rule.dash)] as LayerSpecification[];
  const fill = { id: rule.id, type: "fill", ...common, paint: { "fill-color": theme.base[rule.colour] } };
  const edge = rule.edge && {
    ...line(`${rule.id}-edge`, theme.base[rule.edge], EDGE_PX * unit),
    minzoom: Math.max(EDGE_FROM, rule.from),
  };
  return [fill, ...(edge ? [edge] : [])] as LayerSpecification[];
}

function growing(widths: readonly Width[], unit: number): unknown {
  return ["interpolate", ["exponential", GROWTH], ["zoom"], ...widths.flatMap(([zoom, px]) => [zoom, px * unit])];
}

/** The customer's pictures, turned around for a dark wall as the canvas does it. */
function pictureLayer(theme: MapTheme, basemap: Basemap): LayerSpecification {
  const paint =
    !theme.dark || basemap.tone === "dark"
      ? {}
      : basemap.tone === "photo"
        ? { "raster-saturation": -0.4, "raster-brightness-max": 0.55 }
        : {
            "raster-hue-rotate": 180,
            "raster-saturation": -0.4,
            "raster-opacity": 0.85,
            "raster-brightness-min": 0.72,
            "raster-brightness-max": 0.08,
          };
  return { id: "pictures", type: "raster", source: "base", paint: { ...paint, "raster-fade-duration": 0 } };
}

/** Everything but the town. */
function outside(town: Town): GeoJSON.Feature {
  const rings =
    town.outline.type === "Polygon" ? [town.outline.coordinates[0]] : town.outline.coordinates.map((one) => one[0]);
  const world: GeoJSON.Position[] = [
    [-180, -85],
    [180, -85],
    [180, 85],
    [-180, 85],
    [-180, -85],
  ];
  const holes = rings.filter((ring) => ring !== undefined);
  return { type: "Feature", properties: {}, geometry: { type: "Polygon", coordinates: [world, ...holes] } };
}

function baseSource(basemap: Basemap): SourceSpecification {
  const vector = basemap.kind === "vector";
  const folder = `${location.origin}/api/v1/basemap/${vector ? "tiles" : "pictures"}/${basemap.version}`;
  return {
    type: vector ? "vector" : "raster",
    tiles: [`${folder}/{z}/{x}/{y}`],
    minzoom: basemap.min_zoom,
    maxzoom: basemap.max_zoom,
    ...(vector ? {} : { tileSize: 256 }),
  } as SourceSpecification;
}

/** What lies between the land and the grids: tiles and a veil around the town, or the town's own water and roads. */
function ground(theme: MapTheme, unit: number, basemap: Basemap | null): LayerSpecification[] {
  if (!basemap) return [];
  const drawn =
    basemap.kind === "vector" ? RULES.flatMap((rule) => inBase(theme, unit, rule)) : [pictureLayer(theme, basemap)];
  return [...drawn, { id: "veil", type: "fill", source: "outside", paint: { "fill-color": theme.base.veil } }];
}

function layers(theme: MapTheme, unit: number, basemap: Basemap | null): LayerSpecification[] {
  const grow = (at11: number, at16: number) => ["interpolate", ["linear"], ["zoom"], 11, at11 * unit, 16, at16 * unit];
  const own = (layer: object) => (basemap ? [] : [layer]);
  return [
    { id: "back", type: "background", paint: { "background-color": theme.back } },
    {
      id: "land",
      type: "fill",
      source: "outline",
      paint: { "fill-color": theme.land, "fill-antialias": false },
    },
    ...ground(theme, unit, basemap),
    {
      id: "special",
      type: "fill",
      source: "grids",
      filter: ["==", ["get", "kind"], "special"],
      paint: { "fill-color": theme.village, "fill-opacity": basemap ? 0.15 : 0.25, "fill-antialias": false },
    },
    ...own({
      id: "water-area",
      type: "fill",
      source: "water",
      filter: ["==", ["geometry-type"], "Polygon"],
      paint: { "fill-color": theme.water },
    }),
    ...own({
      id: "water-line",
      type: "line",
      source: "water",
      filter: ["==", ["geometry-type"], "LineString"],
      layout: { "line-cap": "round", "line-join": "round" },
      paint: { "line-color": theme.water, "line-width": grow(5, 22) },
    }),
    { id: "grid", type: "line", source: "grids", paint: { "line-color": theme.grid, "line-width": unit } },
    {
      id: "village",
      type: "line",
      source: "villages",
      paint: { "line-color": theme.village, "line-width": 1.4 * unit, "line-dasharray": [4, 2] },
    },
    ...own({
      id: "road-minor",
      type: "line",
      source: "roads",
      filter: ["!", MAJOR],
      layout: { "line-cap": "round", "line-join": "round" },
      paint: { "line-color": theme.roadMinor, "line-width": grow(0.9, 5) },
    }),
    ...own({
      id: "road-major",
      type: "line",
      source: "roads",
      filter: MAJOR,
      layout: { "line-cap": "round", "line-join": "round" },
      paint: { "line-color": theme.roadMajor, "line-width": grow(1.8, 9) },
    }),
    {
      id: "edge",
      type: "line",
      source: "outline",
      paint: { "line-color": theme.edge, "line-width": 2 * unit },
    },
    {
      id: "camera",
      type: "circle",
      source: "cameras",
      paint: {
        "circle-color": ["case", ["get", "feed"], theme.camera, theme.cameraDim],
        "circle-radius": grow(1.5, 5),
      },
    },
  ] as LayerSpecification[];
}

/** `unit` is the size of one design pixel on this screen. */
export function styleOf(town: Town, theme: MapTheme, unit: number): StyleSpecification {
  return {
    version: 8,
    sources: {
      outline: geojson(town.outline),
      villages: geojson(town.villages),
      grids: geojson(town.grids),
      roads: geojson(town.roads),
      water: geojson(town.water),
      cameras: geojson(cameraPoints(town)),
      ...(town.basemap ? { base: baseSource(town.basemap), outside: geojson(outside(town)) } : {}),
    },
    layers: layers(theme, unit, town.basemap ?? null),
  };
}
