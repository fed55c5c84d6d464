"""Leaflet 1.9.4, as published, to be written into briefing maps."""
