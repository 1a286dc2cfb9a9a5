"""Coders side by side: agreement, what to code twice, disagreements and their settlement."""
