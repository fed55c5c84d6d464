"""Chinese addresses as people say them: what is read in a text, and which places of one town it may mean."""

from gis.addresses.book import AddressBook
from gis.addresses.finding import find
from gis.addresses.model import Answer, Candidate, Ground, Part, Reason, Spot

__all__ = ["AddressBook", "Answer", "Candidate", "Ground", "Part", "Reason", "Spot", "find"]
