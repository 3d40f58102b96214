"""Files as people send them, to sheets of cells: every format, zipped or not, blocks and footers found."""
