"""The Model Context Protocol face: an agent's calls in, governed answers with receipts out.

Nine tools; those that read and those that write are never the same. Whoever calls is somebody to policy.
"""
