//! The model as a mixed-integer linear program.
//!
//! Every entry of a node becomes one of: a constant; an alias `coefficient * column + constant`; an affine row that
//! is written straight into the one row that uses it; or a column of its own. With proved bounds `l <= z <= u` and
//! slope `s`, a kink `y = z` for `z >= 0`, `y = s z` for `z < 0` is an alias when its sign is decided. Otherwise,
//! for `s <= 1` (the mirror image for `s > 1`), `y >= z` and `y >= s z` say that `y` is not below it, and a binary `d`
//! says that it is not above it:
//!
//! ```text
//! y <= s z + (1 - s) u d,        y <= z - (1 - s) l (1 - d).
//! ```
//!
//! There `z` is a column of its own, so that a solver's bounds live on it. [`Formulation::Plain`] writes it out in each of
//! these rows instead; [`Formulation::Sos1`] writes `z = p - n`, `y = p - s n` with `p, n >= 0` of which one is zero.
//! Each half stands only where the objective or a requirement pushes against it.
//! Source: V. Tjeng, K. Xiao, R. Tedrake, "Evaluating robustness of neural networks with mixed integer programming",
//! ICLR 2019; the one-sided rows are the epigraph form of convex functions.

mod builder;
mod complete;
mod hint;
mod inputs;
mod lp;
mod mps;
mod names;
mod operations;
pub(crate) mod polarity;
mod program;
mod propagate;
pub(crate) mod requirements;
mod row;
mod switches;

use std::fmt;

use crate::bounds::Bounds;
use crate::model::Model;
use builder::Builder;
use requirements::Truth;

pub use names::Labels;
pub use program::{ColumnKind, ColumnOrigin, Cone, Entry, Program, RowOrigin};
pub use propagate::{Narrowed, Propagator};
pub use switches::Switch;

/// How an undecided kink is written where it is pushed against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Formulation {
    /// With a binary and constants from the bounds, beside a column for what goes into the kink.
    BigM,
    /// The same without that column.
    Plain,
    /// With a special ordered set of its positive and its negative part. Maxima and alternatives keep binaries.
    Sos1,
    /// By the lines that enclose it, without a binary: a linear relaxation. So are maxima and norms.
    Lines,
}

/// Why a model could not be encoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EncodeError(pub String);

impl fmt::Display for EncodeError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for EncodeError {}

fn refuse<T>(reason: String) -> Result<T, EncodeError> {
    Err(EncodeError(reason))
}

/// Encodes a model with proved bounds of every node.
///
/// The designs of the program are those of the model inside the input bounds, with one exception: a selection that
/// wants at least so many inputs is encoded by its closure where inputs are continuous, so that an input may count as
/// used while it is zero. A requirement that can never hold makes the program infeasible and is listed in
/// [`Program::impossible`].
pub fn encode(
    model: &Model,
    bounds: &Bounds,
    formulation: Formulation,
) -> Result<Program, EncodeError> {
    encode_with(model, bounds, formulation, &Demand::default())
}

/// What else is asked of a program.
#[derive(Clone, Copy, Debug, Default)]
pub struct Demand<'a> {
    /// Entries of nodes that are encoded with both their sides, though nothing in the model pushes against them.
    pub entries: &'a [(usize, usize)],
    /// Bounds that hold whatever the requirements say, where `bounds` hold only for designs that are wanted: that meet all
    /// requirements, or are better than one that is known. What `bounds` decide beyond these is enforced by the program.
    pub unconditional: Option<&'a Bounds>,
}

/// Encodes a model with more than its objective and its requirements.
pub fn encode_with(
    model: &Model,
    bounds: &Bounds,
    formulation: Formulation,
    demand: &Demand<'_>,
) -> Result<Program, EncodeError> {
    check(model, bounds)?;
    let unconditional = demand.unconditional.unwrap_or(bounds);
    check(model, unconditional)?;
    if let Some(&(node, entry)) = demand.entries.iter().find(|&&(node, entry)| {
        node >= model.graph.nodes().len() || entry >= model.graph.size(node)
    }) {
        return refuse(format!("entry {entry} of node {node} does not exist"));
    }
    let truths: Vec<(u32, Truth)> = model
        .requirements
        .iter()
        .map(|(label, formula)| (*label, requirements::simplify(formula, unconditional)))
        .collect();
    let given = Given {
        bounds,
        unconditional,
        formulation,
    };
    let needs = polarity::needs(model, given, &truths, demand.entries)?;
    let mut builder = Builder::new(model, given, needs);
    builder.inputs();
    builder.operations()?;
    builder.objective();
    builder.requirements(truths);
    Ok(builder.finish())
}

/// What a program is made from beside the model.
#[derive(Clone, Copy)]
pub(crate) struct Given<'a> {
    pub bounds: &'a Bounds,
    pub unconditional: &'a Bounds,
    pub formulation: Formulation,
}

/// Bounds must be there for every entry, finite and not crossed.
fn check(model: &Model, bounds: &Bounds) -> Result<(), EncodeError> {
    let nodes = model.graph.nodes();
    if bounds.lower.len() != nodes.len() || bounds.upper.len() != nodes.len() {
        return refuse(format!(
            "bounds of {} nodes were given for a graph of {}",
            bounds.lower.len(),
            nodes.len()
        ));
    }
    for (index, node) in nodes.iter().enumerate() {
        let (lower, upper) = (&bounds.lower[index], &bounds.upper[index]);
        if lower.len() != node.size || upper.len() != node.size {
            return refuse(format!(
                "bounds of {} entries were given for node {index} of size {}",
                lower.len(),
                node.size
            ));
        }
        for (entry, (&lower, &upper)) in lower.iter().zip(upper).enumerate() {
            if !(lower.is_finite() && upper.is_finite() && lower <= upper) {
                return refuse(format!(
                    "entry {entry} of node {index} has the bounds {lower} and {upper}: \
                     they must be finite and may not be crossed"
                ));
            }
        }
    }
    for input in 0..model.input_size() {
        let (lower, upper) = inputs::input_box(model, bounds, input);
        if lower > upper {
            return refuse(format!(
                "the bounds {} and {} leave nothing of input {input}, which lies in {} to {}",
                bounds.lower[0][input],
                bounds.upper[0][input],
                model.lower[input],
                model.upper[input]
            ));
        }
    }
    Ok(())
}
