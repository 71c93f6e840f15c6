"""A project and folds over its ledger in, what they say together out."""
