"""The ground under the map: from an OpenStreetMap file, or the model town, to vector tiles in one PMTiles file."""
