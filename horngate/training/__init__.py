"""Training: prepare the data, compile and run the steps, loop over epochs, and save the state of a training."""
