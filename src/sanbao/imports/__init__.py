"""Files with customers, units or requests taken over whole or not at all: what was understood, what is wrong in which cell, how far it is."""
