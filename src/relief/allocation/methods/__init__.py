"""Ways to divide exactly: each takes a `Problem` and answers with its `Quotas`."""
