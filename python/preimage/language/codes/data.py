"""Family 2, second half: data."""

from preimage.language.codes.table import Code

DATA = (
    Code(
        "PRE241",
        title="a missing file",
        template="there is no file `{file}`",
        explanation="""\
A path is relative to the file of the problem; in a notebook, and with a text handed to `preimage.invert`, to the
working directory. Values given with `--set` are looked for in the working directory.""",
        wrong='param mesh from "rest_pose.csv"\ninput x in 0..1',
        right='param mesh from "rest-pose.csv"\ninput x in 0..1',
    ),
    Code(
        "PRE242",
        title="a file that cannot be read",
        template="`{file}` cannot be read: {reason}",
        explanation="""\
The path names a folder or a device, or the operating system does not let you read it.""",
        wrong='param mesh from "folder.csv"\ninput x in 0..1',
        right='param mesh from "rest-pose.csv"\ninput x in 0..1',
    ),
    Code(
        "PRE243",
        title="too much data",
        template="{name} is too large: {size}, and the limit is {limit}",
        explanation="""\
Data is held in memory, and sizes are limited so that a wrong file cannot fill it. Keep only the rows and columns that
the problem uses; large numbers of targets are best split over several files.""",
        wrong="preimage check terabyte.inv",
        right="preimage check duotone.inv",
    ),
    Code(
        "PRE244",
        title="a kind of file that is not read",
        template="numbers are not read from `{file}`",
        explanation="""\
The suffix tells what a file holds. Numbers are read from `.csv` (or `.tsv`, `.txt`), `.npy`, `.npz` and `.json`.""",
        wrong='param mesh from "mesh.xlsx"\ninput x in 0..1',
        right='param mesh from "rest-pose.csv"\ninput x in 0..1',
    ),
    Code(
        "PRE245",
        title="a file that is not what its name says",
        template="{name} is unreadable: {reason}",
        explanation="""\
Tables and JSON are text in UTF-8; `.npy` and `.npz` are as numpy writes them. Pickled objects are never loaded,
because loading them runs code.""",
        wrong='param mesh from "garbage.npy"\ninput x in 0..1',
        right='param mesh from "rest-pose.csv"\ninput x in 0..1',
    ),
    Code(
        "PRE246",
        title="ragged data",
        template="{name} is ragged: {reason}",
        explanation="""\
Every row of a table, and every list in a list of lists, has the same number of entries. A stray separator at the end
of a line counts as an empty cell.""",
        wrong='param mesh from "ragged.csv"\ninput x in 0..1',
        right='param mesh from "rest-pose.csv"\ninput x in 0..1',
    ),
    Code(
        "PRE247",
        title="an entry that is not a number",
        template="{place} is not a number: {found}",
        explanation="""\
The first line of a table may hold titles, and lines that begin with `#` are left out; everything else is numbers,
with a point for decimals. Lines and columns count from 1, entries of lists from 0.""",
        wrong='param mesh from "words.csv"\ninput x in 0..1',
        right='param mesh from "rest-pose.csv"\ninput x in 0..1',
    ),
    Code(
        "PRE248",
        title="NaN or infinity",
        template="{name} is {what}",
        explanation="""\
Data is finite: a missing value would make every comparison with it meaningless. Leave the row out, or fill the gap.""",
        wrong='param mesh from "nan.csv"\ninput x in 0..1',
        right='param mesh from "rest-pose.csv"\ninput x in 0..1',
    ),
    Code(
        "PRE249",
        title="no data",
        template="{name} holds no numbers{detail}",
        explanation="""\
The file is empty, or holds a line of titles and nothing else; or an array has an axis of length 0.""",
        wrong='param mesh from "empty.csv"\ninput x in 0..1',
        right='param mesh from "rest-pose.csv"\ninput x in 0..1',
    ),
    Code(
        "PRE250",
        title="an array of an archive",
        template="{name} {reason}",
        explanation="""\
An `.npz` file with several arrays needs the name of one: `from "data.npz"["grey"]`. All other files hold one array,
and a network takes its file as a whole.""",
        wrong='param mesh from "two.npz"\ninput x in 0..1',
        right='param mesh from "two.npz"["a"]\ninput x in 0..1',
    ),
    Code(
        "PRE251",
        title="a value that is not numbers",
        template="{name} is {found}, not numbers",
        explanation="""\
A param or a target can be bound to a number, a list, a numpy array, a torch tensor, a pandas column or table, or the
path of a file. Trained networks are declared with `network`.""",
        wrong='preimage.invert("snake.inv", mesh=None)',
        right='preimage.invert("snake.inv", mesh=rest_pose)',
    ),
    Code(
        "PRE252",
        title="labels that do not fit",
        template="the labels do not fit: {reason}",
        explanation="""\
`names` gives each entry of an input a label of its own, for tables and plots: one a line (the first column of a table
counts), or all on one line with commas.""",
        wrong='input inks[3] in 0..1\nnames inks = ("cyan", "magenta")',
        right='input inks[3] in 0..1\nnames inks = ("cyan", "magenta", "yellow")',
    ),
)
