"""Family 8: structures."""

from preimage.language.codes.table import Code

_BEAM = "structure beam on 96 x 32\nsupport left edge in x and y\nload node (96, 0) by (0, -1)\nvolume 0.4"

STRUCTURES = (
    Code(
        "PRE801",
        title="a statement about structures without a structure",
        template="`{word}` speaks of a structure, and none was declared",
        explanation="""\
A problem is about trained networks or about a structure. One about a structure begins by naming it and its grid:
`structure beam on 96 x 32`.""",
        wrong="input x in 0..1\nvolume 0.4",
        right=_BEAM,
    ),
    Code(
        "PRE802",
        title="a statement about networks in a structure",
        template="{what} has no meaning for a structure",
        explanation="""\
What is chosen in a structure is its material, and what is best is to be stiff: there is no `input`, no network, and
nothing but the volume, the regions and the symmetry that must hold. Numbers may have names: `param` and `let` go with
structures too. Several designs and worst cases are not known for structures.""",
        wrong=f"{_BEAM}\ninput x in 0..1",
        right=_BEAM,
    ),
    Code(
        "PRE803",
        title="said twice of a structure",
        template="{what} is said twice",
        explanation="""\
Of a structure there is one grid, one volume, one filter, one way to draw it and one mirror a direction.""",
        wrong=f"{_BEAM}\nvolume 0.5",
        right=_BEAM,
    ),
    Code(
        "PRE804",
        title="a grid that is none",
        template="there is no grid of {width} x {height} elements",
        explanation="""\
A grid has whole numbers of elements, one at least in each direction.""",
        wrong=_BEAM.replace("96 x 32", "96.5 x 32"),
        right=_BEAM,
    ),
    Code(
        "PRE805",
        title="a grid beyond memory",
        template="a grid of {width} x {height} elements takes about {needed} of memory, and there are {available}",
        explanation="""\
Each design is judged by solving for the displacements of all nodes, with a sparse factorisation whose size can be
told beforehand: it grows a little faster than the number of elements. A coarser grid shows the same structure with
less detail.""",
        wrong=_BEAM.replace("96 x 32", "96000 x 32000"),
        right=_BEAM,
    ),
    Code(
        "PRE806",
        title="a point off the grid",
        template="{point} {reason}",
        explanation="""\
Nodes are counted from the lower left corner: on `192 x 64` elements they run from (0, 0) to (192, 64). Supports and
loads stand on nodes, so that their numbers are whole. Corners of regions and middles of discs may lie between nodes,
but not outside.""",
        wrong="structure beam on 96 x 32\nsupport left edge in x and y\nload node (97, 0) by (0, -1)\nvolume 0.4",
        right=_BEAM,
    ),
    Code(
        "PRE807",
        title="an empty region",
        template="`{region}` holds no element",
        explanation="""\
A region holds the elements whose middle lies in it. This one lies between the middles.""",
        wrong=f"{_BEAM}\nvoid disc (48, 16) radius 0.2",
        right=f"{_BEAM}\nvoid disc (48, 16) radius 8",
    ),
    Code(
        "PRE808",
        title="solid and void at once",
        template="{count} would be solid and void at once, the first one at {place}",
        explanation="""\
An element that is solid is full of material, one that is void never holds any. No element can be both.""",
        wrong=f"{_BEAM}\nsolid rectangle (0, 28) to (96, 32)\nvoid rectangle (40, 20) to (60, 30)",
        right=f"{_BEAM}\nsolid rectangle (0, 28) to (96, 32)\nvoid rectangle (40, 20) to (60, 28)",
    ),
    Code(
        "PRE809",
        title="a volume that is none",
        template="the volume of the structure {what}",
        explanation="""\
`volume 0.4` fills four tenths of the grid, void regions left out; so does `volume 40%`. It lies between 0 and 1.""",
        wrong="structure beam on 96 x 32\nsupport left edge in x and y\nload node (96, 0) by (0, -1)\nvolume 40",
        right=_BEAM,
    ),
    Code(
        "PRE810",
        title="less volume than is solid",
        template="the volume is {volume}, and what is solid takes {solid} of the room already",
        explanation="""\
Solid regions count in the volume. It has to leave something to be designed.""",
        wrong=f"{_BEAM}\nsolid rectangle (0, 16) to (96, 32)",
        right=f"{_BEAM}\nsolid rectangle (0, 28) to (96, 32)",
    ),
    Code(
        "PRE811",
        title="a structure that floats",
        template="{part} floats: nothing keeps it from {motions}",
        explanation="""\
A structure that can move as a whole has no stiffness, and its displacements no solution. In the plane three motions
have to be held: in x, in y, and turning. Void regions may cut a grid into parts; each part that carries a load has to
be held by itself. Two parts that touch at a corner are joined by a hinge: they hold one another, but not from
turning.""",
        wrong="structure beam on 96 x 32\nsupport left edge in x\nload node (96, 0) by (0, -1)\nvolume 0.4",
        right=_BEAM,
    ),
    Code(
        "PRE812",
        title="no load",
        template="nothing loads the structure{which}",
        explanation="""\
Without a load every structure is as stiff as any other.""",
        wrong="structure beam on 96 x 32\nsupport left edge in x and y\nvolume 0.4",
        right=_BEAM,
    ),
    Code(
        "PRE813",
        title="a load on nothing",
        template="there is a load where no material may be: at {place}",
        explanation="""\
All four elements around the node are void. Nothing could carry the load, and the node would move as far as it is
asked to.""",
        wrong=f"{_BEAM}\nvoid rectangle (80, 0) to (96, 16)",
        right=f"{_BEAM}\nvoid rectangle (80, 16) to (96, 32)",
    ),
    Code(
        "PRE814",
        title="a mirror that is not in the middle",
        template="a structure cannot be symmetric across {axis} = {at} on this grid",
        explanation="""\
The mirror image of each element has to be an element: the mirror stands in the middle of the grid.""",
        wrong=f"{_BEAM}\nsymmetric across y = 10",
        right=f"{_BEAM}\nsymmetric across y = 16",
    ),
    Code(
        "PRE815",
        title="regions that are not symmetric",
        template="what is solid or void is not symmetric in {axis}, so that no design is",
        explanation="""\
A symmetric design is solid where its mirror image is solid, and void where it is void. Loads and supports need not be
symmetric.""",
        wrong=f"{_BEAM}\nvoid disc (48, 10) radius 4\nsymmetric across y = 16",
        right=f"{_BEAM}\nvoid disc (48, 16) radius 4\nsymmetric across y = 16",
    ),
    Code(
        "PRE816",
        title="a filter without radius",
        template="the radius of the filter is {radius}",
        explanation="""\
Each element's density is a mean over its neighbours within the radius of the filter, which counts elements; 2 by
default. A radius of 1 filters nothing.""",
        wrong=f"{_BEAM}\nfilter radius 0",
        right=f"{_BEAM}\nfilter radius 3",
    ),
    Code(
        "PRE817",
        title="a force that is none",
        template="a force has two finite numbers, and this is {force}",
        explanation="""\
A force in the plane is `(fx, fy)`: to the right, and up.""",
        wrong="structure beam on 96 x 32\nsupport left edge in x and y\nload node (96, 0) by 1\nvolume 0.4",
        right=_BEAM,
    ),
    Code(
        "PRE818",
        title="a load outside of the load cases",
        template="this load stands in no load case, and others do",
        explanation="""\
Loads act together, unless they are parted into load cases: those that stand below `load case wind` act in it, and the
compliances of the cases are summed. A load that acts in all of them is written in each.""",
        wrong=f"{_BEAM}\nload case wind\nload left edge by (1, 0) total",
        right="""\
structure beam on 96 x 32
support bottom edge in x and y
load case deck
load top edge by (0, -1) total
load case wind weight 0.5
load left edge by (1, 0) total
volume 0.4""",
    ),
    Code(
        "PRE819",
        title="a load case without weight",
        template="load case `{name}` has the weight {weight}",
        explanation="""\
The compliances of all load cases are summed, each times its weight, which is positive; 1 by default.""",
        wrong=_BEAM.replace("load node", "load case tip weight 0\nload node"),
        right=_BEAM.replace("load node", "load case tip weight 2\nload node"),
    ),
    Code(
        "PRE820",
        title="arrays that make no task",
        template="`{name}` of a task holds {found}; wanted: {wanted}",
        explanation="""\
A `Task` made from arrays has them in image order, rows from the top: `fixed` and `loads` on nodes, `mask` and `solid`
on elements. `Task.on(width, height, ...)` makes them from supports, loads and regions.""",
        wrong="preimage.structures.Task(name='beam', width=96, height=32, fixed=numpy.zeros((96, 32, 2)), ...)",
        right="Task.on(96, 32, Support(Edge('left')), Load(Node(96, 0), (0, -1)), volume=0.4)",
    ),
    Code(
        "PRE821",
        title="an unknown published task",
        template="there is no published task `{name}`",
        explanation="""\
116 published tasks are known by name: family, grid and density, as in `mbb_beam_192x64_0.4`.
`preimage.structures.PUBLISHED` lists them.""",
        wrong="preimage solve structures:mbb_beam",
        right="preimage solve structures:mbb_beam_192x64_0.4",
    ),
    Code(
        "PRE822",
        title="another objective of a structure",
        template="a structure is made stiff: what is minimised is its compliance",
        explanation="""\
The compliance is the work of the loads: force times displacement, summed over all nodes, and over load cases. The
smaller it is, the stiffer the structure.""",
        wrong=f"{_BEAM}\nminimise volume",
        right=f"{_BEAM}\nminimise compliance",
    ),
    Code(
        "PRE823",
        title="methods that do not go together",
        template="these methods do not go together: {reason}",
        explanation="""\
`oc` (optimality criteria) and `mma` (moving asymptotes) move the densities of the elements; `lbfgs` moves numbers
behind them, or the weights of a network that draws them (`reparameterise by cnn`).""",
        wrong=f"{_BEAM}\nreparameterise by cnn\nsolve using oc",
        right=f"{_BEAM}\nreparameterise by cnn\nsolve using lbfgs",
    ),
    Code(
        "PRE824",
        title="a point that is none",
        template="a point has two coordinates, and this is {point}",
        explanation="""\
A point of the grid is `(x, y)`: how far from the left, and how far from the bottom.""",
        wrong="structure beam on 96 x 32\nsupport left edge in x and y\nload node 96 by (0, -1)\nvolume 0.4",
        right=_BEAM,
    ),
    Code(
        "PRE825",
        title="a structure where a network is wanted",
        template="this problem is about a structure, and what is asked for is known of networks only",
        explanation="""\
Bounds of neurons, box-by-box certificates, worst cases and mixed-integer programs belong to problems about trained
networks. A structure is solved by `preimage solve` or `preimage.invert`, with a bound of its own.""",
        wrong="preimage export bridge.inv bridge.mps",
        right="preimage solve bridge.inv",
    ),
    Code(
        "PRE826",
        title="a grid without room",
        template="everything is void: there is no room for a structure",
        explanation="""\
Void regions stay empty, and here they cover the whole grid.""",
        wrong=f"{_BEAM}\nvoid rectangle (0, 0) to (96, 32)",
        right=f"{_BEAM}\nvoid rectangle (0, 0) to (48, 16)",
    ),
    Code(
        "PRE827",
        title="a method without its package",
        template="the method `{method}` needs the package {package}, which is not installed",
        explanation="""\
`reparameterise by cnn` trains a small convolutional network with PyTorch, and `mma` is that of NLopt. Both packages are
extras. The method that is taken without `using` needs none of them.""",
        wrong="preimage solve bridge.inv --using cnn",
        right="pip install 'preimage[torch]'\npreimage solve bridge.inv --using cnn",
    ),
    Code(
        "PRE828",
        title="a projection of another volume",
        template="with projection, the volume is that of the density: it cannot be limited before the filter",
        explanation="""\
A projection pushes the density of each element, a mean over its neighbours, towards 0 or 1, and keeps the sum. The
volume of the design before the filter says little of how much material that is.""",
        wrong=f"{_BEAM.replace('volume 0.4', 'volume 0.4 before filter')}\nfilter radius 3 with projection",
        right=f"{_BEAM}\nfilter radius 3 with projection",
    ),
    Code(
        "PRE829",
        title="a filter beside a width of members",
        template="members at least {width} wide come with a filter of their own",
        explanation="""\
How thin a member can be is a matter of the filter and the projection: a width that is asked for
sets both.""",
        wrong=f"{_BEAM}\nfilter radius 3 with projection\nmembers at least 4 wide",
        right=f"{_BEAM}\nmembers at least 4 wide",
    ),
    Code(
        "PRE830",
        title="a width of members that is none",
        template="the members of a structure cannot be {width} wide",
        explanation="""\
Widths count elements, and need not be whole. A member of fewer than two elements does not bend as a bar does, and
none is wider than the grid.""",
        wrong=f"{_BEAM}\nmembers at least 1 wide",
        right=f"{_BEAM}\nmembers at least 3 wide",
    ),
)
