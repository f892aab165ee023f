"""Work off the window's thread: lanes and the recorder."""
