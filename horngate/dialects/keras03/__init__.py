"""Keras 0.3 and before: layers that told of their tensors, and those that only it had."""
