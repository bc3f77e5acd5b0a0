"""The notebook: ``%load_ext preimage`` brings ``%%invert`` and ``%invert``, and a view that lives while it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Register magics, completion and the display of results with IPython: what ``%load_ext preimage`` calls."""
    from preimage.notebook.completion import register_completion
    from preimage.notebook.magic import InvertMagics, keep_empty_cell

    unload_ipython_extension(shell)  # a second %load_ext must not register anything twice
    magics = InvertMagics(shell)
    shell.register_magics(magics)
    magics.display.register(shell)
    shell.input_transformers_cleanup.append(keep_empty_cell)
    register_completion(shell)


def unload_ipython_extension(shell: InteractiveShell) -> None:
    """Take out again what `load_ipython_extension` brought: what ``%unload_ext preimage`` calls."""
    from preimage.notebook.completion import remove_completion
    from preimage.notebook.magic import InvertMagics, keep_empty_cell

    magics = shell.magics_manager.registry.pop(InvertMagics.__name__, None)
    if not isinstance(magics, InvertMagics):
        return
    magics.display.remove(shell)
    for kind in ("line", "cell"):
        shell.magics_manager.magics[kind].pop("invert", None)
    shell.input_transformers_cleanup.remove(keep_empty_cell)
    remove_completion(shell)
