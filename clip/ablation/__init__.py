"""Train and evaluate variants of the model with several seeds."""
