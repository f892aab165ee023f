"""Words everything shares: families, configs, events, control, errors, paths."""
