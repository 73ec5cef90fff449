"""The face: one file a family of commands."""
