"""Keras 3 by its own names and words, typed: `from horngate import keras3 as keras`. See `docs/old-programs.md`."""

from horngate.dialects.namespaces import opened

opened(__name__, "3")
