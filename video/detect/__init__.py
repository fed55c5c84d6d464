"""Detectors: values in, values out, bounded state; time is an argument. One per file."""
