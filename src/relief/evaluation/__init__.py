"""The self-evaluation of performance (绩效自评): indicators, scores, a grade, and sums that must agree."""
