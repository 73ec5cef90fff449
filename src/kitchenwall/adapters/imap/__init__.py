"""Mail over IMAP: one guarded connection, and what is done over it."""
