"""Family 7: files and usage."""

from preimage.language.codes.table import Code

USAGE: tuple[Code, ...] = (
    Code(
        "PRE701",
        title="a file of another kind",
        template="this is not a {noun}: {reason}",
        explanation="""\
A result file is what `preimage solve` and `result.save` write: a zip archive with the design, its bound and the
text of the problem. A certificate is what `preimage solve --certificate` writes. This file is something else: a problem
(`.inv`), data, or an archive of another program.""",
        wrong="preimage plot duotone.inv",
        right="preimage solve duotone.inv\npreimage plot duotone.result",
    ),
    Code(
        "PRE702",
        title="a damaged file",
        template="the {noun} is damaged: {reason}",
        explanation="""\
The archive is cut short, or its checksums do not fit: a copy that broke off, or a full disk. Nothing in it can be
trusted. Copy it again from where it was written, or solve the problem again.""",
        wrong="head -c 1000 duotone.result > copy.result\npreimage check copy.result",
        right="cp duotone.result copy.result\npreimage check copy.result",
    ),
    Code(
        "PRE703",
        title="a file of a newer version",
        template="the {noun} has format {found}, and this version of Preimage reads up to {known}",
        explanation="""\
A newer version of Preimage wrote the file, in a way that this one does not know. Upgrade, and load it again.""",
        wrong="preimage check from-a-newer-version.result",
        right="pip install --upgrade preimage\npreimage check from-a-newer-version.result",
    ),
    Code(
        "PRE704",
        title="an altered file",
        template="the content of the {noun} was altered after it was saved",
        explanation="""\
A result file, and a certificate, carries a digest of everything in it, taken when it was saved. The content no longer
fits the digest, so what it says is not what was solved. Use the file as it was saved, or solve the problem again.""",
        wrong="zip duotone.result content.json\npreimage check duotone.result",
        right="preimage solve duotone.inv\npreimage check duotone.result",
    ),
    Code(
        "PRE705",
        title="a file that cannot be read or written",
        template="the file cannot be {done}: {reason}",
        explanation="""\
The system refused: the folder or the permission is missing, or the disk is full. An answer that could not be saved is
still printed.""",
        wrong="preimage solve duotone.inv -o /nowhere/duotone.result",
        right="preimage solve duotone.inv -o duotone.result",
    ),
    Code(
        "PRE706",
        title="a result that does not hold",
        template="the result does not hold: {reason}",
        explanation="""\
`preimage check` verifies again what a result promises: that objective, bound and gap fit together, that the search
only ever improved, that the design lies within its bounds and, where the data are at hand, that the source networks
give on the design what the result says. Something does not. Data that were changed after solving are the usual reason.
If nothing was changed, it is a bug of Preimage: please report it with the file.""",
        wrong="preimage solve duotone.inv\ncp other-inks.npz ink44.npz\npreimage check duotone.result",
        right="preimage solve duotone.inv\npreimage check duotone.result",
    ),
    Code(
        "PRE707",
        title="no design",
        template="there is no design: {reason}",
        explanation="""\
`result.raise_for_status()` was called on a result without a design: the problem is infeasible, or the limit came
first. `result.status` tells which, `result.message` says it in a sentence. An infeasible problem needs a statement
relaxed, the other more time.""",
        wrong="preimage.invert(text, time_limit=0.01).raise_for_status()",
        right="preimage.invert(text, time_limit=60).raise_for_status()",
    ),
    Code(
        "PRE708",
        title="a bound that was beaten",
        template="a proved bound was beaten: {reason}",
        explanation="""\
A design that holds is better than a bound that was claimed to be proved. One of the two is wrong, so the run stops,
and nothing is claimed. This is a bug of Preimage, not of your problem: please report it with the problem and its
data.""",
        wrong="preimage solve duotone.inv",
        right="preimage solve duotone.inv --using milp",
    ),
    Code(
        "PRE709",
        title="a format that is not exported",
        template="there is no export as {format}",
        explanation="""\
The suffix of the file names the format. The model of a problem is written as `.mps` or `.lp`, which every solver of
mixed-integer programs reads. The result of a structure is written as `.png` (its density), `.svg` (its outline), `.stl`
(the outline made thick), `.npz` (all arrays), or as an animation, `.gif` or `.mp4`.""",
        wrong="preimage export duotone.inv duotone.txt",
        right="preimage export duotone.inv duotone.mps\npreimage export bridge.result bridge.stl",
    ),
    Code(
        "PRE710",
        title="a certificate that cannot be written",
        template="no certificate was written: {reason}",
        explanation="""\
A certificate covers everything that may be chosen with boxes, each of which is proved by itself. That needs a problem
that the `branch` engine takes, a bound that was proved, and time: where many inputs are chosen together, boxes are too
many. The answer and its bound stand as they are; only the proof for others is missing. More time, a wider gap or fewer
inputs often help.""",
        wrong="preimage solve duotone.inv --time-limit 1s --certificate duotone.proof",
        right="preimage solve duotone.inv --gap 1% --certificate duotone.proof",
    ),
    Code(
        "PRE711",
        title="a certificate that does not hold",
        template="the certificate does not hold: {reason}",
        explanation="""\
`preimage check` reads the problem and the weights that a certificate names, makes sure that its boxes cover everything
that may be chosen, and bounds each of them again. A box is missing, a box may hold a better design than the certificate
claims, or the problem or its data are no longer those that were solved. If nothing was changed, it is a bug of
Preimage: please report it with the file.""",
        wrong="preimage solve duotone.inv --certificate a.proof\ncp other-inks.npz ink44.npz\npreimage check a.proof",
        right="preimage solve duotone.inv --certificate a.proof\npreimage check a.proof",
    ),
    Code(
        "PRE712",
        title="an animation that cannot be written",
        template="no animation was written: {reason}",
        explanation="""\
A film in the format `.mp4` is written by the program ffmpeg, which has to be installed by itself. A `.gif` needs
nothing more than Preimage; it is larger, and shown everywhere.""",
        wrong="preimage export bridge.result bridge.mp4",
        right="preimage export bridge.result bridge.gif",
    ),
)
