"""Tests of relief; a package, so that no installed one of that name is taken for it."""
