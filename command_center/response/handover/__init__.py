"""110 移交: what the police give to the center, with its receipt and what became of it."""
