/** The still part of the map as a MapLibre style: no tiles, no glyph server, everything from the town itself. */
import type { LayerSpecification, StyleSpecification } from "maplibre-gl";
import type { Town } from "../feed/types.ts";
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

function layers(theme: MapTheme, unit: number): LayerSpecification[] {
  const grow = (at11: number, at16: number) => ["interpolate", ["linear"], ["zoom"], 11, at11 * unit, 16, at16 * unit];
  return [
    { id: "back", type: "background", paint: { "background-color": theme.back } },
    {
      id: "land",
      type: "fill",
      source: "outline",
      paint: { "fill-color": theme.land, "fill-antialias": false },
    },
    {
      id: "special",
      type: "fill",
      source: "grids",
      filter: ["==", ["get", "kind"], "special"],
      paint: { "fill-color": theme.village, "fill-opacity": 0.25, "fill-antialias": false },
    },
    {
      id: "water-area",
      type: "fill",
      source: "water",
      filter: ["==", ["geometry-type"], "Polygon"],
      paint: { "fill-color": theme.water },
    },
    {
      id: "water-line",
      type: "line",
      source: "water",
      filter: ["==", ["geometry-type"], "LineString"],
      layout: { "line-cap": "round", "line-join": "round" },
      paint: { "line-color": theme.water, "line-width": grow(5, 22) },
    },
    { id: "grid", type: "line", source: "grids", paint: { "line-color": theme.grid, "line-width": unit } },
    {
      id: "village",
      type: "line",
      source: "villages",
      paint: { "line-color": theme.village, "line-width": 1.4 * unit, "line-dasharray": [4, 2] },
    },
    {
      id: "road-minor",
      type: "line",
      source: "roads",
      filter: ["!", MAJOR],
      layout: { "line-cap": "round", "line-join": "round" },
      paint: { "line-color": theme.roadMinor, "line-width": grow(0.9, 5) },
    },
    {
      id: "road-major",
      type: "line",
      source: "roads",
      filter: MAJOR,
      layout: { "line-cap": "round", "line-join": "round" },
      paint: { "line-color": theme.roadMajor, "line-width": grow(1.8, 9) },
    },
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
    },
    layers: layers(theme, unit),
  };
}
