"""Rule packs: rules, parameters and claim base as data, with their sources."""

from relief.rulepack.pack import Pack, installed_packs, load_pack, parse_pack

__all__ = ["Pack", "installed_packs", "load_pack", "parse_pack"]
