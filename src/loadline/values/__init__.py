"""The frozen nouns that cross a room's border; standard library only."""
