"""The places of the window: Home, Data, Train, Generate, Runs."""
