"""Watches mailboxes for job rejections, lays replies into Drafts, and keeps a journal."""

__version__ = "0.1.0"
