"""The notebook: ``%load_ext preimage`` brings ``%%invert`` and ``%invert``, and a view that lives while it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Register magics, completion and the display of results with IPython: what ``%load_ext preimage`` calls."""
    from preimage.notebook.completion import register_completion
    from preimage.notebook.magic import InvertMagics, keep_empty_cell
    from preimage.notebook.static import answer_bundle
    from preimage.results import Result, Sweep

    unload_ipython_extension(shell)  # a second %load_ext must not register anything twice
    shell.register_magics(InvertMagics(shell))
    shell.input_transformers_cleanup.append(keep_empty_cell)
    register_completion(shell)
    if shell.display_formatter is not None:
        for answer in (Result, Sweep):
            shell.display_formatter.mimebundle_formatter.for_type(answer, answer_bundle)


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """Take out again what `load_ipython_extension` brought: what ``%unload_ext preimage`` calls."""
    from preimage.notebook.completion import remove_completion
    from preimage.notebook.magic import keep_empty_cell
    from preimage.results import Result, Sweep

    for kind in ("line", "cell"):
        shell.magics_manager.magics[kind].pop("invert", None)
    remove_completion(shell)
    if keep_empty_cell in shell.input_transformers_cleanup:
        shell.input_transformers_cleanup.remove(keep_empty_cell)
    if shell.display_formatter is not None:
        for answer in (Result, Sweep):
            shell.display_formatter.mimebundle_formatter.pop(answer, None)
