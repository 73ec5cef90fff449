"""Language packs: data, no logic; one file a language."""
