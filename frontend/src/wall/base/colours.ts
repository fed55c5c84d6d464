/** Colours of the ground: quiet, so that what happens on it is seen first. No red, orange or yellow. */
export interface BaseColours {
  farm: string;
  wood: string;
  grass: string;
  park: string;
  wetland: string;
  bare: string;
  residential: string;
  commercial: string;
  industrial: string;
  school: string;
  medical: string;
  paved: string;
  pitch: string;
  building: string;
  buildingEdge: string;
  water: string;
  waterEdge: string;
  motorway: string;
  primary: string;
  secondary: string;
  minor: string;
  service: string;
  path: string;
  casing: string;
  rail: string;
  boundary: string;
  /** Outside of the town, laid over everything. */
  veil: string;
  place: string;
  roadName: string;
  waterName: string;
}

export const darkBase: BaseColours = {
  farm: "#0e2738",
  wood: "#0f3139",
  grass: "#10303b",
  park: "#12393f",
  wetland: "#113247",
  bare: "#1a2c3a",
  residential: "#122d45",
  commercial: "#16304b",
  industrial: "#172c42",
  school: "#17324a",
  medical: "#182f4b",
  paved: "#152d43",
  pitch: "#144044",
  building: "#1c3c57",
  buildingEdge: "#274d6d",
  water: "#174a76",
  waterEdge: "#235f92",
  motorway: "#7397b3",
  primary: "#5c86a5",
  secondary: "#4a7391",
  minor: "#345b7a",
  service: "#2b4e6b",
  path: "#2a4b66",
  casing: "#091827",
  rail: "#46647d",
  boundary: "#37718f",
  veil: "rgba(8, 19, 31, 0.6)",
  place: "#a9c1d6",
  roadName: "#8fabc3",
  waterName: "#6fb0dd",
};

export const lightBase: BaseColours = {
  farm: "#f6f9f3",
  wood: "#e2efe2",
  grass: "#ebf4e7",
  park: "#dceedd",
  wetland: "#e3f0f0",
  bare: "#f1f1ee",
  residential: "#f1f4f7",
  commercial: "#f1f0f6",
  industrial: "#ecf0f4",
  school: "#eef1f6",
  medical: "#edf2f8",
  paved: "#eef1f4",
  pitch: "#d9ecdf",
  building: "#e0e6ec",
  buildingEdge: "#cdd6df",
  water: "#bfdcf0",
  waterEdge: "#9cc6e3",
  motorway: "#c9d9e6",
  primary: "#d6e2ec",
  secondary: "#e6edf3",
  minor: "#ffffff",
  service: "#ffffff",
  path: "#cfd9e1",
  casing: "#b6c5d1",
  rail: "#b4bfc9",
  boundary: "#9db7c9",
  veil: "rgba(238, 243, 247, 0.55)",
  place: "#3c5468",
  roadName: "#5f768a",
  waterName: "#3f83b0",
};
