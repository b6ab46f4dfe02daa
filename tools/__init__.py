"""What the project is looked after with; no part of the package."""
