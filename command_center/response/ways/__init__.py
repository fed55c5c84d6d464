"""办理流程: ways of working of the center's own, written as drafts, looked at, and published as versions."""
