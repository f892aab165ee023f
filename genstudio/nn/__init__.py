"""Network blocks that two or more families use in the same way."""
