"""查件: cases found by their words and by what they are, among a million of them."""
