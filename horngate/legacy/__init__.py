"""The path by which Keras 1.0 had Graph."""
