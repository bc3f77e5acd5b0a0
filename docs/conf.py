"""How the documentation is built: `make docs`."""

import importlib.metadata
from pathlib import Path

from sphinx.application import Sphinx

from preimage.language.codes import FAMILIES, ROWS

project = "Preimage"
author = "The Preimage authors"
release = version = importlib.metadata.version("preimage")

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
    "sphinx_design",
]
exclude_patterns = ["_build", "**.ipynb_checkpoints"]
root_doc = "index"

myst_enable_extensions = ["amsmath", "colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3
nb_execution_mode = "cache"
nb_execution_raise_on_error = True
nb_execution_timeout = 300

autodoc_typehints = "description"
autodoc_member_order = "bysource"
napoleon_numpy_docstring = True
napoleon_google_docstring = False
napoleon_use_rtype = False

html_theme = "pydata_sphinx_theme"
html_title = "Preimage"
html_show_sourcelink = False
html_theme_options = {"show_toc_level": 2, "navigation_with_keys": False}
copybutton_prompt_text = r"\$ "
copybutton_prompt_is_regexp = True


def write_messages(app: Sphinx) -> None:
    """Write the page of messages from the table that the package reads."""
    lines = ["# Messages", "", "Every message has a code. `preimage explain CODE` shows in the terminal what stands here."]
    for digit, family in FAMILIES.items():
        lines += ["", f"## {family}"]
        for row in (row for row in ROWS if row.code[3] == digit):
            lines += ["", f"### {row.code}: {row.title}", "", row.explanation]
            for heading, text in (("Refused:", row.wrong), ("Meant:", row.right)):
                lines += ["", heading, "", "```text", text, "```"]
    (Path(app.srcdir) / "reference" / "messages.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def setup(app: Sphinx) -> None:
    """Have the generated page written before anything is read."""
    app.connect("builder-inited", write_messages)
