"""JT/T 808: radios and vehicle terminals over TCP, in the editions of 2011, 2013 and 2019."""

from command_center.ingest.jt808.server import Terminals, listening

__all__ = ["Terminals", "listening"]
