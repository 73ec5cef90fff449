"""A mailbox in a box: the real program at work on invented mail, with nothing of the person's."""
