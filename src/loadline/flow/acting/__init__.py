"""The river for actions: a request to act in, a receipt of what became of it out."""
