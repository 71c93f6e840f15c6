"""What a change reaches, and what it would alter, before it lands."""
