"""The report for people who look rather than read: one HTML file, and its charts."""
