"""What other departments and papers say beside what was declared, and how they are asked."""
