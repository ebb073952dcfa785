"""Who and what is let in, under which name and path, and how a refusal is told."""
