"""From a folder of files to batches on a device."""
