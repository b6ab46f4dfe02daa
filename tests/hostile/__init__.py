"""What files and disks may do to a program: `python -m tests.hostile --files 3000 --limits 30`."""
