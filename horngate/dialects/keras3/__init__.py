"""Keras 2 and 3: what their files say of layers, models and trainings, read and written by tables."""
