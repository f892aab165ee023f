"""From a learner and batches to metrics, previews and checkpoints."""
