"""From a draft to a closed round: what was done with it, by whom, when, and what must not happen."""
