"""The window. The only room, with a plugin's panel, that knows Qt."""
