"""The work: the road of a message, drafting, watching."""
