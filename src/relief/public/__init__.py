"""What is published of a round, and how anyone holds one household's answer against it.

In    a `Round` and its secret
Out   a text to publish with its fingerprint, a slip for each household, a page that checks one
"""

from relief.public.leaves import Leaf
from relief.public.page import verify_html
from relief.public.published import Published, fingerprint_of, grouped, make_secret, publish, republish
from relief.public.signature import make_key, public_part, sign, verify_signature
from relief.public.slip import check_proof, proof

__all__ = [
    "Leaf", "Published", "check_proof", "fingerprint_of", "grouped", "make_key", "make_secret", "proof",
    "public_part", "publish", "republish", "sign", "verify_html", "verify_signature",
]  # fmt: skip
