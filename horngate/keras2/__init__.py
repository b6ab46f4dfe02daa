"""Keras 2 by its own names and words, typed: `from horngate import keras2 as keras`. See `docs/old-programs.md`."""

from horngate.dialects.namespaces import opened

opened(__name__, "2")
