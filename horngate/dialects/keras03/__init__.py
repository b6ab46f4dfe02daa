"""Keras 0.3 and before: the methods by which its layers returned tensors, and the layers that only it had."""
