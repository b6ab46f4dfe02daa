"""Many models of one kind, trained at once in one compiled program."""

from horngate.training.many.runs import Run, Runs, fit_many

__all__ = ["Run", "Runs", "fit_many"]
