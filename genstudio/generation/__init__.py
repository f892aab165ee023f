"""From a trained learner to pictures: one module per ability."""
