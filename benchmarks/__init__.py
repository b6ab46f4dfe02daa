"""The same networks trained by horngate and by its peers, side by side: python -m benchmarks."""
