//! A problem taken apart: a sum of parts that share no input, a choice of which inputs are used, a tree of boxes.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use rayon::prelude::*;

use super::account::Account;
use super::boxes::Boxes;
use super::cell::{Cell, Domains, Limit};
use super::reduced::Reduced;

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
            Part::Choices(choices) => choices.best.clone(),
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
                let others = sum_down(
                    bounds
                        .iter()
                        .enumerate()
                        .filter(|(j, _)| *j != k)
                        .map(|(_, b)| *b),
                );
                let own = value(&parts[k]);
                let left = if others == f64::NEG_INFINITY {
                    f64::INFINITY
                } else {
                    threshold - others
                };
                parts[k].advance(own.min(left), own, batch, stop);
            }
        }
    }

    /// Takes note of a design of the whole model.
    pub fn offer(&mut self, x: &[f64]) {
        match self {
            Part::Sum(parts) => parts.iter_mut().for_each(|part| part.offer(x)),
            Part::Choices(choices) => choices.incumbent = Some(x.to_vec()),
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
            Part::Choices(choices) => (choices.nodes, choices.open.len()),
            Part::Boxes(boxes) => boxes.counts(),
        }
    }
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

/// A problem over some of the inputs, before any choice.
pub struct Root {
    /// The inputs it is over.
    pub inputs: Vec<usize>,
    /// Its reduced network, on its whole box.
    pub network: Reduced,
    /// Its box.
    pub cell: Cell,
    /// Its inputs' domains.
    pub domains: Domains,
    /// Linear conditions on its inputs.
    pub limits: Vec<Limit>,
}

impl Root {
    /// The tree of boxes in which the inputs that `is_off` are zero.
    fn boxes(&self, is_off: impl Fn(usize) -> bool, context: &Context) -> Boxes {
        let free: Vec<usize> = (0..self.inputs.len())
            .filter(|&i| !is_off(self.inputs[i]) && self.cell.lower[i] < self.cell.upper[i])
            .collect();
        let values: Vec<f64> = (0..self.inputs.len())
            .map(|i| {
                if is_off(self.inputs[i]) {
                    0.0
                } else {
                    self.cell.lower[i]
                }
            })
            .collect();
        let pick = |all: &[f64]| free.iter().map(|&i| all[i]).collect();
        let limits = self
            .limits
            .iter()
            .map(|limit| limit.restrict(&free, &values))
            .collect();
        let cell = Cell {
            lower: pick(&self.cell.lower),
            upper: pick(&self.cell.upper),
        };
        let inputs = free.iter().map(|&i| self.inputs[i]).collect();
        let network = self.network.restrict(&free, &values);
        Boxes::new(
            inputs,
            network,
            cell,
            self.domains.of(&free),
            limits,
            context,
        )
    }

    /// The tree of boxes over all its inputs.
    pub fn into_boxes(self, context: &Context) -> Boxes {
        Boxes::new(
            self.inputs,
            self.network,
            self.cell,
            self.domains,
            self.limits,
            context,
        )
    }
}

/// One choice of the inputs that are used.
struct Choice {
    bound: f64,
    number: usize,
    /// Once it was looked at: a sum of trees.
    part: Option<Part>,
}

impl PartialEq for Choice {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Choice {}
impl PartialOrd for Choice {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Choice {
    fn cmp(&self, other: &Self) -> Ordering {
        // The heap gives the greatest first: the least bound, then the first choice.
        other
            .bound
            .total_cmp(&self.bound)
            .then(other.number.cmp(&self.number))
    }
}

/// All choices of the inputs that are used, the most promising first.
pub struct Choices {
    open: BinaryHeap<Choice>,
    roots: Arc<Vec<Root>>,
    /// By choice, the inputs that are zero, sorted.
    off: Vec<Vec<usize>>,
    context: Context,
    threshold: f64,
    settled: f64,
    best: Option<Assignment>,
    incumbent: Option<Vec<f64>>,
    nodes: u64,
}

impl Choices {
    /// The choices that leave the inputs of one entry of `off` at zero.
    pub fn new(roots: Vec<Root>, off: Vec<Vec<usize>>, context: &Context) -> Self {
        let open = (0..off.len()).map(|number| Choice {
            bound: f64::NEG_INFINITY,
            number,
            part: None,
        });
        Choices {
            open: open.collect(),
            roots: Arc::new(roots),
            off,
            context: context.clone(),
            threshold: f64::INFINITY,
            settled: f64::INFINITY,
            best: None,
            incumbent: None,
            nodes: 0,
        }
    }

    fn shape(&self) -> Shape {
        let free = |off: &Vec<usize>, root: &Root| {
            let widths = root.cell.widths();
            let used = |k: &usize| widths[*k] > 0.0 && off.binary_search(&root.inputs[*k]).is_err();
            (0..root.inputs.len()).filter(used).count()
        };
        let inputs = self
            .off
            .first()
            .and_then(|off| self.roots.iter().map(|root| free(off, root)).max());
        Shape {
            choices: self.off.len(),
            inputs: inputs.unwrap_or(0),
            kinks: self
                .roots
                .iter()
                .map(|root| root.network.symbols.len())
                .sum(),
        }
    }

    fn bound(&self) -> f64 {
        let open = self
            .open
            .peek()
            .map_or(f64::INFINITY, |choice| choice.bound);
        open.min(self.settled).min(self.threshold)
    }

    fn advance(&mut self, threshold: f64, batch: usize, stop: &AtomicBool) {
        self.threshold = self.threshold.min(threshold);
        let mut chosen = Vec::with_capacity(batch);
        while chosen.len() < batch {
            match self.open.pop() {
                Some(choice) if choice.bound >= self.threshold => self.open.clear(),
                Some(choice) => chosen.push(choice),
                None => break,
            }
        }
        let own_batch = (batch / chosen.len().max(1)).max(1);
        let (limit, this) = (self.threshold, &*self);
        let work = |mut choice: Choice| {
            let mut part = choice
                .part
                .take()
                .unwrap_or_else(|| this.open_choice(choice.number));
            let before = part.counts().0;
            part.advance(limit, f64::INFINITY, own_batch, stop);
            choice.bound = part.bound().max(choice.bound);
            let (nodes, best) = (part.counts().0 - before, part.best());
            let finished = part.counts().1 == 0;
            choice.part = Some(part);
            (choice, nodes, best, finished)
        };
        let worked: Vec<_> = chosen.into_par_iter().map(work).collect();
        for (choice, nodes, best, finished) in worked {
            self.nodes += nodes;
            if let Some((value, inputs)) = best
                && self.best.as_ref().is_none_or(|known| value < known.0)
            {
                let off = self.off[choice.number].iter().map(|&i| (i, 0.0));
                let fixed = self.roots.iter().flat_map(|root| root.fixed());
                let mut all: Vec<(usize, f64)> = fixed.chain(off).collect();
                all.extend(inputs);
                self.best = Some((value, all));
            }
            if finished {
                self.settled = self.settled.min(choice.bound);
            } else {
                self.open.push(choice);
            }
        }
    }

    /// The number of choices.
    pub fn count(&self) -> usize {
        self.off.len()
    }

    /// What is left to choose, given one of the choices: a sum of trees.
    pub fn open_choice(&self, number: usize) -> Part {
        let off = &self.off[number];
        let is_off = |i: usize| off.binary_search(&i).is_ok();
        let parts = self
            .roots
            .iter()
            .map(|root| Part::Boxes(root.boxes(is_off, &self.context)));
        let mut part = Part::Sum(parts.collect());
        if let Some(x) = &self.incumbent
            && off.iter().all(|&i| x[i] == 0.0)
        {
            part.offer(x);
        }
        part
    }
}

impl Root {
    /// Inputs that have one value only.
    fn fixed(&self) -> impl Iterator<Item = (usize, f64)> {
        let pairs = self
            .inputs
            .iter()
            .zip(self.cell.lower.iter().zip(&self.cell.upper));
        pairs
            .filter(|(_, (l, u))| l == u)
            .map(|(i, (l, _))| (*i, *l))
    }
}
