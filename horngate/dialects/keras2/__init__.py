"""Keras 2 and 3: losses and initializers as classes."""
