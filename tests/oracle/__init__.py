"""horngate beside the real Keras 3: `python3 run.py oracle`."""
