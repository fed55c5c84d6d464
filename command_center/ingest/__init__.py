"""接入: one driver per kind of source; after it everything is WGS84, UTC and SI."""
