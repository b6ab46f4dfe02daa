"""Whole files of the real Keras 3, and files for it."""
