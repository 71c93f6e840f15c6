"""Values in, text for people and JSON for programs out; nothing here decides anything."""
