"""Data that comes with the geometry: the county's outline, and Leaflet for maps that open without a network."""
