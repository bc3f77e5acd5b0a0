"""Two ways to hand arrays to SCIP: its C functions on whole arrays, and PySCIPOpt's public methods entry by entry."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pyscipopt
from numpy.typing import NDArray

from preimage._core import Program

Floats = NDArray[np.float64]

OKAY = 1
"""What every C function of SCIP returns when all went well."""

_POINTER, _INT, _REAL, _FLAG = ctypes.c_void_p, ctypes.c_int, ctypes.c_double, ctypes.c_uint
_FUNCTIONS = {
    "SCIPcreateConsBasicLinear": (_POINTER, _POINTER, ctypes.c_char_p, _INT, _POINTER, _POINTER, _REAL, _REAL),
    "SCIPcreateConsBasicSOS1": (_POINTER, _POINTER, ctypes.c_char_p, _INT, _POINTER, _POINTER),
    "SCIPaddCons": (_POINTER, _POINTER),
    "SCIPreleaseCons": (_POINTER, _POINTER),
    "SCIPcreateOrigSol": (_POINTER, _POINTER, _POINTER),
    "SCIPsetSolVals": (_POINTER, _POINTER, _INT, _POINTER, _POINTER),
    "SCIPaddSolFree": (_POINTER, _POINTER, _POINTER),
    "SCIPtrySolFree": (_POINTER, _POINTER, _FLAG, _FLAG, _FLAG, _FLAG, _FLAG, _POINTER),
    "SCIPgetSolVals": (_POINTER, _POINTER, _INT, _POINTER, _POINTER),
    "SCIPgetBestSol": (_POINTER,),
}


class LibraryNotFound(Exception):
    """The C functions of the SCIP that PySCIPOpt runs on cannot be called; the message says why."""


class Access(Protocol):
    """What has to be done with many numbers at once."""

    def add_rows(self, program: Program, names: list[str] | None) -> None:
        """Add all rows of the program, its sets and its cones."""

    def add_solution(self, values: Floats, check: bool) -> bool:
        """Hand SCIP a value for every column, to be checked now or later."""

    def best_solution(self) -> Floats | None:
        """Return the value of every column in the best solution known."""


class ArrayAccess:
    """Calls C functions of the SCIP library that PySCIPOpt has loaded.

    Parameters
    ----------
    model
        A PySCIPOpt model.
    columns
        Its variables, in the order of the columns.

    Raises
    ------
    LibraryNotFound
        The functions are not to be found.
    """

    def __init__(self, model: Any, columns: list[Any]) -> None:
        self._functions = _scip_functions()
        self._model = model
        self._scip = _address(model.to_ptr(False))
        self._variables = columns
        self._columns = np.array([column.ptr() for column in columns], dtype=np.uintp)

    def add_rows(self, program: Program, names: list[str] | None) -> None:
        """Add all rows of the program, its sets and its cones."""
        infinity = self._model.infinity()
        lower = np.maximum(program.row_lower, -infinity).tolist()
        upper = np.minimum(program.row_upper, infinity).tolist()
        starts, indices, data = program.starts.tolist(), program.indices, program.data
        for row in range(program.row_count):
            here = slice(starts[row], starts[row + 1])
            self._add_constraint(
                "SCIPcreateConsBasicLinear",
                names[row] if names else "",
                *(starts[row + 1] - starts[row], self._columns[indices[here]], data[here], lower[row], upper[row]),
            )
        weights = np.array([1.0, 2.0])
        for pair in program.sos1:
            self._add_constraint("SCIPcreateConsBasicSOS1", "", 2, self._columns[list(pair)], weights)
        _add_cones(self._model, self._variables, program)

    def add_solution(self, values: Floats, check: bool) -> bool:
        """Hand SCIP a value for every column, to be checked now or later."""
        numbers = np.ascontiguousarray(values, dtype=np.float64)
        solution, stored = ctypes.c_void_p(), ctypes.c_uint(0)
        self._call("SCIPcreateOrigSol", ctypes.byref(solution), None)
        self._call("SCIPsetSolVals", solution, len(self._columns), self._columns, numbers)
        if check:
            # Say nothing of reasons, stop at the first violation, check bounds, integrality and linear rows.
            self._call("SCIPtrySolFree", ctypes.byref(solution), 0, 0, 1, 1, 1, ctypes.byref(stored))
        else:
            self._call("SCIPaddSolFree", ctypes.byref(solution), ctypes.byref(stored))
        return bool(stored.value)

    def best_solution(self) -> Floats | None:
        """Return the value of every column in the best solution known."""
        solution = self._functions["SCIPgetBestSol"](self._scip)
        if solution is None:
            return None
        values = np.empty(len(self._columns))
        self._call("SCIPgetSolVals", solution, len(values), self._columns, values)
        return values

    def _add_constraint(self, create: str, name: str, *arguments: Any) -> None:
        constraint = ctypes.c_void_p()
        self._call(create, ctypes.byref(constraint), name.encode(), *arguments)
        self._call("SCIPaddCons", constraint)
        self._call("SCIPreleaseCons", ctypes.byref(constraint))

    def _call(self, name: str, *arguments: Any) -> None:
        # Arrays are handed over by address; the caller's names keep them alive during the call.
        plain = (a.__array_interface__["data"][0] if isinstance(a, np.ndarray) else a for a in arguments)
        code = self._functions[name](self._scip, *plain)
        if code != OKAY:
            raise RuntimeError(f"{name} of SCIP failed with code {code}")


class PublicAccess:
    """Does the same by PySCIPOpt's public methods: slower, but independent of how PySCIPOpt was built."""

    def __init__(self, model: Any, columns: list[Any]) -> None:
        self._model = model
        self._columns = columns

    def add_rows(self, program: Program, names: list[str] | None) -> None:
        """Add all rows of the program, its sets and its cones."""
        model, columns = self._model, self._columns
        starts, indices, data = program.starts.tolist(), program.indices.tolist(), program.data.tolist()
        for row, (lower, upper) in enumerate(zip(program.row_lower.tolist(), program.row_upper.tolist(), strict=True)):
            here = range(starts[row], starts[row + 1])
            activity = pyscipopt.quicksum(data[k] * columns[indices[k]] for k in here)
            name = names[row] if names else ""
            if lower == -np.inf:
                model.addCons(activity <= upper, name=name)
                continue
            constraint = model.addCons(activity >= lower, name=name)
            if upper < np.inf:
                model.chgRhs(constraint, upper)
        for first, second in program.sos1:
            model.addConsSOS1([columns[first], columns[second]], [1, 2])
        _add_cones(model, columns, program)

    def add_solution(self, values: Floats, check: bool) -> bool:
        """Hand SCIP a value for every column, to be checked now or later."""
        solution = self._model.createOrigSol()
        for column, value in zip(self._columns, values.tolist(), strict=True):
            self._model.setSolVal(solution, column, value)
        return bool(self._model.trySol(solution, printreason=False) if check else self._model.addSol(solution))

    def best_solution(self) -> Floats | None:
        """Return the value of every column in the best solution known."""
        if self._model.getNSols() == 0:
            return None
        best = self._model.getBestSol()
        return np.array([best[column] for column in self._columns])


def _add_cones(model: Any, columns: list[Any], program: Program) -> None:
    # As a root, not squared: SCIP's tolerance is then one of the norm, while squares let small norms be far off.
    for apex, members in program.cones:
        squares = pyscipopt.quicksum(columns[member] * columns[member] for member in members)
        model.addCons(pyscipopt.sqrt(squares) <= columns[apex])


def _scip_functions() -> dict[str, Any]:
    """Return the C functions of the library that PySCIPOpt runs on, with their signatures."""
    reasons = []
    for path in _library_candidates():
        try:
            library = ctypes.CDLL(str(path))
            functions = {name: getattr(library, name) for name in _FUNCTIONS}
        except (OSError, AttributeError) as error:
            reasons.append(f"{path.name}: {error}")
            continue
        for name, function in functions.items():
            function.argtypes = _FUNCTIONS[name]
            function.restype = ctypes.c_void_p if name == "SCIPgetBestSol" else ctypes.c_int
        return functions
    raise LibraryNotFound("the C functions of SCIP were not found: " + "; ".join(reasons))


def _library_candidates() -> Iterator[Path]:
    # Where symbols are looked up through dependencies (Linux, macOS) the extension itself gives access to SCIP.
    # Elsewhere the library that the wheel brought along has the same name, and so is the one already loaded.
    extension = Path(pyscipopt.scip.__file__)
    yield extension
    for folder in (extension.parent.parent / "pyscipopt.libs", extension.parent / ".dylibs"):
        yield from sorted(folder.glob("*scip*"))


def _address(capsule: object) -> int:
    read = ctypes.pythonapi.PyCapsule_GetPointer
    read.argtypes, read.restype = (ctypes.py_object, ctypes.c_char_p), ctypes.c_void_p
    address = read(capsule, b"scip")
    if not isinstance(address, int):
        raise LibraryNotFound("PySCIPOpt gave no pointer to its model")
    return address
