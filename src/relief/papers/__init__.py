"""Papers for people: notices, letters, slips and rosters, each as data first, then as Word, PDF or HTML."""
