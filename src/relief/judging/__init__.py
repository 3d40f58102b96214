"""Tables and a pack to an assessment: what each household is, and why."""
