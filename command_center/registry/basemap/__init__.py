"""底图: the ground under the map, made from an OpenStreetMap file or fetched from the customer's own tile service."""
