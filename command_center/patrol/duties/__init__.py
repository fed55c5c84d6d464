"""勤务: one window of a point or line on one day, opened, watched, judged, and judged again."""
