"""A mailbox in a box: an embedded mail server with invented mail."""
