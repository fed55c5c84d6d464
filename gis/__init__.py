"""Pure geometry of a town: numbers in, numbers out; WGS84 lon/lat degrees and local metres, nothing of the hall."""
