"""``python -m relief``: the same as the command ``relief``."""

from relief.cli.command import main

if __name__ == "__main__":
    main()
