//! The set of designs, as far as linear forms are minimised over it: a box, linear limits, and how many inputs are used.

use super::forms::Forms;
use super::relaxation::Relaxation;
use super::rounding::{UNDERFLOW, gamma, or_unbounded_below};
use super::{Bounds, interval};
use crate::branch::cell::{Cell, Domains, Limit};
use crate::graph::{Graph, GraphError, Operation};
use crate::model::{Formula, Model, Selection};

/// Several limits are taken into account one after the other this often.
const SWEEPS: usize = 4;

/// Limits contract the box this often at most.
const CONTRACTIONS: usize = 8;

/// A box of inputs with what must hold on it.
///
/// A form is minimised exactly over the box and one limit, and over the box and one selection of disjoint groups; over more,
/// by a multiple of each limit in turn (any multiple gives a bound, and the best of them the least value of a linear program).
#[derive(Clone, Debug)]
pub struct Designs {
    pub(super) cell: Cell,
    limits: Vec<Limit>,
    selections: Vec<Selection>,
}

/// What a form is at least over the designs, and where the relaxation takes that value.
pub(super) struct Minimum {
    pub value: f64,
    pub x: Vec<f64>,
}

impl Designs {
    /// A box, and nothing else.
    ///
    /// # Errors
    /// When the box has the wrong length, a NaN, or crossed bounds.
    pub fn of_box(graph: &Graph, lower: &[f64], upper: &[f64]) -> Result<Self, GraphError> {
        let bounds = Bounds::of_input(graph, lower, upper)?;
        let [lower, upper] =
            [bounds.lower, bounds.upper].map(|sides| sides.into_iter().flatten().collect());
        Ok(Designs {
            cell: Cell { lower, upper },
            limits: Vec::new(),
            selections: Vec::new(),
        })
    }

    /// The designs of a model: its box, what it requires of affine functions of the inputs, its selections. The box is
    /// contracted to what the limits leave, unless they leave nothing.
    ///
    /// # Errors
    /// When the box has the wrong length, a NaN, or crossed bounds.
    pub fn of_model(model: &Model, lower: &[f64], upper: &[f64]) -> Result<Self, GraphError> {
        let mut designs = Designs::of_box(&model.graph, lower, upper)?;
        designs.limits = limits(model, lower, upper)?;
        designs.selections = disjoint(&model.selections);
        let domains = Domains::new(&model.domains);
        for _ in 0..CONTRACTIONS {
            let mut cell = designs.cell.clone();
            if !designs
                .limits
                .iter()
                .all(|limit| limit.propagate(&mut cell, &domains))
                || cell == designs.cell
            {
                break;
            }
            designs.cell = cell;
        }
        Ok(designs)
    }

    /// The box.
    pub fn sides(&self) -> (&[f64], &[f64]) {
        (&self.cell.lower, &self.cell.upper)
    }

    /// True if there is more to know than the box.
    pub fn has_limits(&self) -> bool {
        !self.limits.is_empty() || !self.selections.is_empty()
    }

    /// The least value of every row, with the margin taken off; `-inf` where something overflowed.
    pub fn minimum(&self, forms: &Forms) -> Vec<f64> {
        if !self.has_limits() {
            return forms.minimum(&self.cell.lower, &self.cell.upper);
        }
        (0..forms.constants.len())
            .map(|row| self.minimum_of(forms, row).value)
            .collect()
    }

    /// The least value of one row.
    pub(super) fn minimum_of(&self, forms: &Forms, row: usize) -> Minimum {
        let inputs = self.cell.lower.len();
        let mut form = forms.coefficients[row * inputs..][..inputs].to_vec();
        form.push(forms.constants[row]);
        let mut best = self.over_selections(&form, forms.margins[row]);
        let mut multiples = vec![0.0; self.limits.len()];
        let sweeps = if self.limits.len() > 1 { SWEEPS } else { 1 };
        for _ in 0..sweeps {
            let before = multiples.clone();
            for k in 0..self.limits.len() {
                multiples[k] = 0.0;
                let (others, _) = self.with_multiples(&form, &multiples);
                multiples[k] = self.best_multiple(k, &others);
            }
            if multiples == before {
                break;
            }
            let (tightened, margin) = self.with_multiples(&form, &multiples);
            let found = self.over_selections(&tightened, forms.margins[row] + margin);
            if found.value > best.value {
                best = found;
            }
        }
        best
    }

    /// The multiple of a limit that raises the least value of a form over the box most.
    fn best_multiple(&self, limit: usize, form: &[f64]) -> f64 {
        let limit = &self.limits[limit];
        let balancing = limit.tighten(&mut form.to_vec(), &self.cell).balancing;
        let multiple = balancing.map_or(0.0, |i| -form[i] / limit.form[i]);
        if multiple.is_finite() { multiple } else { 0.0 }
    }

    /// A form with multiples of the limits added, and the margin of that.
    fn with_multiples(&self, form: &[f64], multiples: &[f64]) -> (Vec<f64>, f64) {
        let mut sum = form.to_vec();
        let mut sizes: Vec<f64> = form.iter().map(|a| a.abs()).collect();
        let mut margin = 0.0;
        let used = self
            .limits
            .iter()
            .zip(multiples)
            .filter(|pair| *pair.1 != 0.0);
        for (limit, multiple) in used {
            for ((sum, size), g) in sum.iter_mut().zip(&mut sizes).zip(&limit.form) {
                *sum += multiple * g;
                *size += (multiple * g).abs();
            }
            margin += multiple.abs() * limit.margin;
        }
        let mut total = sizes[self.cell.lower.len()];
        for (size, reach) in sizes.iter().zip(self.cell.reach()) {
            total += size * reach;
        }
        let count = multiples.len() + 1;
        let underflow = (count * sum.len()) as f64 * UNDERFLOW;
        (
            sum,
            margin * (1.0 + gamma(count)) + gamma(count) * total + underflow,
        )
    }

    /// The least value of a form over `(x, 1)` on the box and the selections.
    fn over_selections(&self, form: &[f64], margin: f64) -> Minimum {
        let Cell { lower, upper } = &self.cell;
        let inputs = lower.len();
        let mut x = self.cell.minimiser(form);
        for Selection {
            groups, at_most, ..
        } in &self.selections
        {
            let can_be_zero =
                |group: &[usize]| group.iter().all(|&i| lower[i] <= 0.0 && upper[i] >= 0.0);
            let (open, always): (Vec<_>, Vec<_>) =
                groups.iter().partition(|group| can_be_zero(group));
            let mut gains: Vec<(f64, &Vec<usize>)> = open
                .into_iter()
                .map(|group| (group.iter().map(|&i| form[i] * x[i]).sum(), group))
                .collect();
            gains.sort_by(|a, b| a.0.total_cmp(&b.0));
            for (_, group) in gains.into_iter().skip(at_most.saturating_sub(always.len())) {
                group.iter().for_each(|&i| x[i] = 0.0);
            }
        }
        let (mut sum, mut size) = (form[inputs], form[inputs].abs());
        for i in 0..inputs {
            if form[i] != 0.0 {
                sum += form[i] * x[i];
                size += form[i].abs() * lower[i].abs().max(upper[i].abs());
            }
        }
        let margin = margin + gamma(inputs) * size + inputs as f64 * UNDERFLOW;
        Minimum {
            value: or_unbounded_below((sum - margin).next_down()),
            x,
        }
    }
}

/// What a model requires of affine functions of the inputs.
fn limits(model: &Model, lower: &[f64], upper: &[f64]) -> Result<Vec<Limit>, GraphError> {
    let graph = &model.graph;
    let mut affine = Vec::with_capacity(graph.nodes().len());
    for node in graph.nodes() {
        let keeps = matches!(node.operation, Operation::Input | Operation::Affine { .. });
        affine.push(
            keeps
                && node
                    .operation
                    .sources()
                    .iter()
                    .all(|&source| affine[source]),
        );
    }
    let mut parts = Vec::new();
    model
        .requirements
        .iter()
        .for_each(|(_, formula)| conjuncts(formula, &mut parts));
    parts.retain(|(node, ..)| affine[*node]);
    let Some(last) = parts.iter().map(|(node, ..)| *node).max() else {
        return Ok(Vec::new());
    };
    let bounds = interval::bounds_up_to(graph, lower, upper, last)?;
    let relaxation = Relaxation::up_to(graph, &bounds, last);
    let mut limits = Vec::new();
    for (node, least, most) in parts {
        let forms = relaxation.below_entries(node, 0, least.len(), 1.0);
        for (entry, (&least, &most)) in least.iter().zip(most).enumerate() {
            for (sign, side) in [(1.0, most), (-1.0, least)] {
                if side.is_infinite() || (least == most && sign < 0.0) {
                    continue;
                }
                let inputs = lower.len();
                let row = &forms.coefficients[entry * inputs..][..inputs];
                let mut form: Vec<f64> = row.iter().map(|a| sign * a).collect();
                let constant = forms.constants[entry];
                form.push(sign * (constant - side));
                limits.push(Limit {
                    form,
                    equation: least == most,
                    margin: forms.margins[entry] + gamma(1) * (constant.abs() + side.abs()),
                });
            }
        }
    }
    Ok(limits)
}

type Part<'a> = (usize, &'a [f64], &'a [f64]);

/// The parts of a formula that all have to hold.
fn conjuncts<'a>(formula: &'a Formula, parts: &mut Vec<Part<'a>>) {
    match formula {
        Formula::Within { node, lower, upper } => parts.push((*node, lower, upper)),
        Formula::All(all) => all.iter().for_each(|part| conjuncts(part, parts)),
        Formula::Any(_) => {}
    }
}

/// Selections no two groups of which share an input.
fn disjoint(selections: &[Selection]) -> Vec<Selection> {
    let mut seen = std::collections::HashSet::new();
    let mut kept = Vec::new();
    for selection in selections {
        let inputs: Vec<usize> = selection.groups.iter().flatten().copied().collect();
        let own: std::collections::HashSet<usize> = inputs.iter().copied().collect();
        if own.len() == inputs.len()
            && own.is_disjoint(&seen)
            && selection.at_most < selection.groups.len()
        {
            seen.extend(own);
            kept.push(selection.clone());
        }
    }
    kept
}
