"""Servers to test against: a private Dovecot, a fault proxy, a scripted liar; all on 127.0.0.1."""
