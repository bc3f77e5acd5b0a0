"""How the documentation is built: `make docs`."""

import importlib.metadata
from pathlib import Path

from sphinx.application import Sphinx

from preimage.language.explain import messages_page

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
nb_execution_cache_path = str(Path(__file__).parent / "_build" / "notebooks")
nb_execution_raise_on_error = True
nb_execution_timeout = 300

suppress_warnings = ["misc.highlighting_failure"]  # a cell that shows a message of an error is not Python

autodoc_typehints = "description"
autodoc_member_order = "bysource"
napoleon_numpy_docstring = True
napoleon_google_docstring = False
napoleon_use_rtype = False

html_theme = "pydata_sphinx_theme"
html_title = "Preimage"
html_show_sourcelink = False
html_sidebars = {"*": []}  # pages without siblings
html_theme_options = {"show_toc_level": 2, "navigation_with_keys": False}
copybutton_prompt_text = r"\$ "
copybutton_prompt_is_regexp = True


def write_messages(app: Sphinx) -> None:
    """Write the page of messages from the table that the package reads."""
    (Path(app.srcdir) / "reference" / "messages.md").write_text(messages_page(), encoding="utf-8")


def setup(app: Sphinx) -> None:
    """Have the generated page written before anything is read."""
    app.connect("builder-inited", write_messages)
