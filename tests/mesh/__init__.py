"""Programs on several devices, here eight that the CPU pretends to have; they are run in processes of their own."""
