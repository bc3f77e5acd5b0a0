//! A problem taken apart: a sum of parts that share no input, a choice of which inputs are used, a tree of boxes.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::account::Account;
use super::boxes::Boxes;
use super::choices::Choices;

/// A value and what its inputs are, by their number in the model.
pub type Assignment = (f64, Vec<(usize, f64)>);

/// How large a problem is for this engine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shape {
    /// Choices of the inputs that are used; 1 without selections.
    pub choices: usize,
    /// The most inputs that have to be chosen together, given such a choice.
    pub inputs: usize,
    /// Undecided kinks, all parts together.
    pub kinks: usize,
}

impl Shape {
    fn join(self, other: Shape) -> Shape {
        Shape {
            choices: self.choices.max(other.choices),
            inputs: self.inputs.max(other.inputs),
            kinks: self.kinks + other.kinks,
        }
    }
}

/// A part of the problem that can be bounded by itself.
pub enum Part {
    /// Every part on its own: the bounds add up.
    Sum(Vec<Part>),
    /// One of several choices of the inputs that are used.
    Choices(Choices),
    /// A tree of boxes.
    Boxes(Boxes),
}

impl Part {
    /// No design lies below this.
    pub fn bound(&self) -> f64 {
        match self {
            Part::Sum(parts) => sum_down(parts.iter().map(Part::bound)),
            Part::Choices(choices) => choices.bound(),
            Part::Boxes(boxes) => boxes.bound(),
        }
    }

    /// The best design met.
    pub fn best(&self) -> Option<Assignment> {
        match self {
            Part::Sum(parts) => {
                let (mut value, mut inputs) = (0.0, Vec::new());
                for part in parts {
                    let best = part.best()?;
                    value += best.0;
                    inputs.extend(best.1);
                }
                Some((value, inputs))
            }
            Part::Choices(choices) => choices.best().cloned(),
            Part::Boxes(boxes) => boxes.best().map(|(value, x)| {
                let pairs = boxes.inputs.iter().copied().zip(x.iter().copied());
                (*value, pairs.collect())
            }),
        }
    }

    /// Works on the most promising nodes, about `batch` of them.
    pub fn advance(&mut self, threshold: f64, best: f64, batch: usize, stop: &AtomicBool) {
        match self {
            Part::Boxes(boxes) => boxes.advance(threshold, best, batch, stop),
            Part::Choices(choices) => choices.advance(threshold, batch, stop),
            Part::Sum(parts) => {
                let bounds: Vec<f64> = parts.iter().map(Part::bound).collect();
                if bounds.contains(&f64::INFINITY) {
                    return;
                }
                let value = |part: &Part| part.best().map_or(f64::INFINITY, |best| best.0);
                let open = |k: &usize| parts[*k].counts().1 > 0;
                let widest = (0..parts.len()).filter(open).max_by(|&a, &b| {
                    let gap = |k: usize| value(&parts[k]) - bounds[k];
                    gap(a).total_cmp(&gap(b)).then(b.cmp(&a))
                });
                let Some(k) = widest else { return };
                let own = value(&parts[k]);
                let left = left_for(k, &bounds, threshold);
                parts[k].advance(own.min(left), own, batch, stop);
            }
        }
    }

    /// Takes over a bound that was proved before; only where nothing was done yet.
    pub fn raise(&mut self, bound: f64) {
        if let Part::Boxes(boxes) = self {
            boxes.raise(bound);
        }
    }

    /// Takes note of a design of the whole model.
    pub fn offer(&mut self, x: &[f64]) {
        match self {
            Part::Sum(parts) => parts.iter_mut().for_each(|part| part.offer(x)),
            Part::Choices(choices) => choices.offer(x),
            Part::Boxes(boxes) => boxes.offer(boxes.inputs.iter().map(|&i| x[i]).collect()),
        }
    }

    /// The shape of the problem.
    pub fn shape(&self) -> Shape {
        match self {
            Part::Sum(parts) => parts
                .iter()
                .map(Part::shape)
                .fold(Shape::default(), Shape::join),
            Part::Choices(choices) => choices.shape(),
            Part::Boxes(boxes) => {
                let (inputs, kinks) = boxes.size();
                Shape {
                    choices: 1,
                    inputs,
                    kinks,
                }
            }
        }
    }

    /// Nodes treated, and nodes waiting.
    pub fn counts(&self) -> (u64, usize) {
        let add = |a: (u64, usize), b: (u64, usize)| (a.0 + b.0, a.1 + b.1);
        match self {
            Part::Sum(parts) => parts.iter().map(Part::counts).fold((0, 0), add),
            Part::Choices(choices) => choices.counts(),
            Part::Boxes(boxes) => boxes.counts(),
        }
    }
}

/// What is left for one part of a sum until it and the bounds of the others reach the threshold.
pub fn left_for(k: usize, bounds: &[f64], threshold: f64) -> f64 {
    let others = || (bounds.iter().enumerate()).filter(|(j, _)| *j != k);
    let sum = sum_down(others().map(|(_, bound)| *bound));
    if sum == f64::NEG_INFINITY {
        return f64::INFINITY;
    }
    if bounds.len() == 1 {
        return threshold;
    }
    // A hair more, so that the bounds add up to the threshold whatever is taken off for rounding.
    let size = threshold.abs() + others().map(|(_, bound)| bound.abs()).sum::<f64>();
    threshold - sum + 4.0 * f64::EPSILON * bounds.len() as f64 * size
}

/// A lower bound of a sum.
pub fn sum_down(terms: impl Iterator<Item = f64>) -> f64 {
    let (mut sum, mut size, mut count) = (0.0, 0.0, 0.0);
    for term in terms {
        if term == f64::INFINITY {
            // Nothing holds in one part: nothing does in all of them, whatever is known of the others.
            return term;
        }
        sum += term;
        size += term.abs();
        count += 1.0;
    }
    if sum.is_finite() && count > 1.0 {
        sum - count * f64::EPSILON * size
    } else {
        sum
    }
}

/// What all trees of a problem share.
#[derive(Clone, Debug, Default)]
pub struct Context {
    /// There is no objective: any design that holds will do.
    pub any_design: bool,
    /// What they take together.
    pub account: Arc<Account>,
}
