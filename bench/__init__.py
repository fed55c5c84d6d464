"""The published figures, each run again on this machine next to its peer or limit."""
