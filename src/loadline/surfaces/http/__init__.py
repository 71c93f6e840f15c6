"""The HTTP face: requests under /v1 in, governed answers with receipts out; and the pages of the console."""
