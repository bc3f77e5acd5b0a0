"""The 116 published tasks by name, such as ``mbb_beam_192x64_0.4``: family, grid and density."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from preimage.structures import families as of
from preimage.structures.draft import Draft
from preimage.structures.families import Family
from preimage.structures.fault import Fault, errors
from preimage.structures.task import Task

_BRIDGES = "64x64_0.12 128x128_0.1 256x256_0.08"

# Family and grids with densities, as they stand in the names; a family may take another form on some of its grids.
_TABLE: tuple[tuple[str, Family, str], ...] = (
    ("mbb_beam", of.mbb_beam, "96x32_0.5 192x64_0.4 384x128_0.3 192x32_0.5 384x64_0.4"),
    ("cantilever_beam_full", of.cantilever_beam_full, "96x32_0.4 192x64_0.3 384x128_0.2 384x128_0.15"),
    ("cantilever_beam_two_point", of.cantilever_beam_two_point, "64x48_0.4 128x96_0.3 256x192_0.2 256x192_0.15"),
    ("pure_bending_moment", of.pure_bending_moment, "32x64_0.15 64x128_0.125 128x256_0.1"),
    ("ground_structure", of.ground_structure, "64x64_0.12 128x128_0.1 256x256_0.07 256x256_0.05"),
    ("michell_centered_both", of.michell_centered_both, "32x64_0.12 64x128_0.12 128x256_0.12 128x256_0.06"),
    ("michell_centered_below", of.michell_centered_below, "64x64_0.12 128x128_0.12 256x256_0.12 256x256_0.06"),
    ("l_shape_0.2", of.l_shape(0.2), "64x64_0.4 128x128_0.3 256x256_0.2"),
    ("l_shape_0.4", of.l_shape(0.4), "64x64_0.4 128x128_0.3 256x256_0.2"),
    ("crane", of.crane, "64x64_0.3 128x128_0.2 256x256_0.15 256x256_0.1"),
    ("center_support", of.center_support, "64x64_0.15 128x128_0.1 256x256_0.1 256x256_0.05"),
    ("column", of.column, "32x128_0.3 64x256_0.3 128x512_0.1 128x512_0.3 128x512_0.5"),
    ("roof", of.roof, "64x64_0.2 128x128_0.15 256x256_0.4 256x256_0.2 256x256_0.1"),
    ("causeway_bridge_top", of.causeway_bridge(1), "64x64_0.3 128x128_0.2 256x256_0.1 128x64_0.3 256x128_0.2"),
    ("causeway_bridge_middle", of.causeway_bridge(0.5), _BRIDGES),
    ("causeway_bridge_low", of.causeway_bridge(0.3), _BRIDGES),
    ("two_level_bridge", of.two_level_bridge, "64x64_0.2 128x128_0.16 256x256_0.12"),
    ("free_suspended_bridge", of.free_suspended_bridge, "64x64_0.15 128x128_0.1 256x256_0.075 256x256_0.05"),
    ("anchored_suspended_bridge", of.anchored_suspended_bridge, "64x64_0.15 128x128_0.1 256x256_0.075 256x256_0.05"),
    ("canyon_bridge", of.canyon_bridge, "64x64_0.16 128x128_0.12 256x256_0.1 256x256_0.05"),
    ("thin_support_bridge", of.thin_support_bridge, "64x64_0.3 128x128_0.2 256x256_0.15 256x256_0.1"),
    ("drawbridge", of.drawbridge, "64x64_0.2 128x128_0.15 256x256_0.1"),
    ("hoop", of.hoop, "32x64_0.25 64x128_0.2 128x256_0.15"),
    ("dam", of.dam, "64x64_0.2 128x128_0.15 256x256_0.05 256x256_0.1 256x256_0.2"),
    ("ramp", of.staircase(1), "64x64_0.3 128x128_0.2 256x256_0.2 256x256_0.1"),
    ("staircase", of.staircase(3), "64x64_0.3 128x128_0.2 256x256_0.15"),
    ("staircase", of.staircase(6), "128x512_0.15"),
    ("staggered_points", of.staggered_points(16), "64x64_0.3 128x128_0.3 256x256_0.3 256x256_0.5 64x128_0.3"),
    ("staggered_points", of.staggered_points(16), "128x256_0.3 32x128_0.3 64x256_0.3 128x512_0.3"),
    ("staggered_points", of.staggered_points(32), "128x512_0.15"),
    ("multistory_building", of.multistory_building(16), "32x64_0.5"),
    ("multistory_building", of.multistory_building(32), "64x128_0.4"),
    ("multistory_building", of.multistory_building(64), "128x256_0.3 128x512_0.25"),
    ("multistory_building", of.multistory_building(128), "128x512_0.2"),
)

PUBLISHED: Mapping[str, Family] = MappingProxyType(
    {f"{name}_{grid}": family for name, family, grids in _TABLE for grid in grids.split()}
)
"""The names of the published tasks, in the order of the paper, and the family of each."""


def published(name: str) -> Task:
    """Return a published task.

    Parameters
    ----------
    name
        One of `PUBLISHED`: family, grid and density, ``mbb_beam_192x64_0.4``.

    Raises
    ------
    ProblemErrors
        There is no such task; names that nearly fit are offered.
    """
    family = PUBLISHED.get(name)
    if family is None:
        raise errors([Fault("PRE821", {"name": name}, _meant(name))])
    grid, density = name.rsplit("_", 2)[-2:]
    width, height = map(int, grid.split("x"))
    task, faults = Draft(
        name=name, width=width, height=height, parts=tuple(family(width, height)), volume=float(density)
    ).task()
    if task is None:
        raise errors(faults)
    return task


def _meant(name: str) -> str:
    """Return what may be meant: a name that differs by a few letters, or names that begin alike or hold it."""
    from preimage.language.messages import near

    close = near(name, PUBLISHED)
    family = name.split("x")[0].rstrip("_0123456789.") or name
    alike = [known for known in PUBLISHED if family and family in known]
    meant = [close] if close else alike
    if not meant:
        kinds = dict.fromkeys(kind for kind, _, _ in _TABLE)
        return f"the families are {', '.join(kinds)}; a name goes on with grid and density: mbb_beam_192x64_0.4"
    return f"try: {' or '.join(f'`{known}`' for known in meant[:3])}"
