"""Dialects: run programs of any Keras version unchanged, with horngate in the place of Keras."""
