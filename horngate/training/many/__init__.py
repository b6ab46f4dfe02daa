"""Many models of the same architecture, trained together in one compiled program."""

from horngate.training.many.runs import Run, Runs, fit_many

__all__ = ["Run", "Runs", "fit_many"]
