"""Methods that search for stiff designs, by name."""

from collections.abc import Mapping
from types import MappingProxyType

from preimage.structures.methods.cnn import cnn
from preimage.structures.methods.continuation import continuation
from preimage.structures.methods.iterate import Iterate, Method, Report
from preimage.structures.methods.mma import mma
from preimage.structures.methods.oc import oc
from preimage.structures.methods.pixels import pixels

DEFAULT_METHOD = "continuation"

METHODS: Mapping[str, Method] = MappingProxyType(
    {"continuation": continuation, "oc": oc, "mma": mma, "pixels": pixels, "cnn": cnn}
)
"""`mma` needs the package nlopt and `cnn` torch: they raise `ImportError` without."""

__all__ = ["DEFAULT_METHOD", "METHODS", "Iterate", "Method", "Report"]
