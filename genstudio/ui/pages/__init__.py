"""The places of the window: Home, Data, Train, Generate, Explore, Runs."""
