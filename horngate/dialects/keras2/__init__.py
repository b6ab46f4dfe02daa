"""Keras 2 and what stayed of it in 3: losses and initializers as classes."""
