//! The tree of boxes over one set of inputs: best first, in batches that do not depend on timing.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use rayon::prelude::*;

use super::cell::{Cell, Domains, Limit};
use super::dual::{Multipliers, Setting, Steps};
use super::reduced::{Reduced, Shape};
use super::treat::{Candidate, Outcome, Treatment};

/// A box that waits to be treated.
pub struct Node {
    /// What may be chosen in it.
    pub cell: Cell,
    /// No design in it lies below this.
    pub bound: f64,
    /// The reduced network of the box, or of one around it.
    pub network: Arc<Reduced>,
    /// Where the bound of the parent ended.
    pub multipliers: Multipliers,
    /// The parent's best form over `(x, 1)`: no design of the box lies below it.
    pub cut: Option<Vec<f64>>,
    /// At how many kinks it was split, itself and its ancestors together.
    pub kink_splits: u16,
    /// Which node this is, for ties.
    pub number: u64,
}

impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Node {}
impl PartialOrd for Node {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Node {
    fn cmp(&self, other: &Self) -> Ordering {
        // The heap gives the greatest first: the least bound, then the eldest.
        other
            .bound
            .total_cmp(&self.bound)
            .then(other.number.cmp(&self.number))
    }
}

/// What a tree of boxes is over, made from the weights alone.
pub struct Subject<'a> {
    /// The network of the whole box: exact for every design.
    pub network: &'a Reduced,
    /// The whole box.
    pub cell: &'a Cell,
    /// Domains, limits, steps.
    pub setting: Setting<'a>,
}

/// A tree of boxes over some of a model's inputs.
pub struct Boxes {
    /// The inputs it is over.
    pub inputs: Vec<usize>,
    open: BinaryHeap<Node>,
    root: Arc<Reduced>,
    whole: Cell,
    domains: Domains,
    limits: Vec<Limit>,
    root_width: Vec<f64>,
    steps: Steps,
    settled: f64,
    threshold: f64,
    best: Option<Candidate>,
    nodes: u64,
    created: u64,
}

impl Boxes {
    /// A tree whose root is one box.
    pub fn new(
        inputs: Vec<usize>,
        network: Reduced,
        cell: Cell,
        domains: Domains,
        limits: Vec<Limit>,
        any_design: bool,
    ) -> Self {
        let root_width = cell.widths();
        let free = root_width.iter().filter(|w| **w > 0.0).count();
        let network = Arc::new(network);
        let whole = cell.clone();
        let root = Node {
            cell,
            bound: least_value(&network, any_design),
            multipliers: Multipliers::new(&network),
            network: network.clone(),
            cut: None,
            kink_splits: 0,
            number: 0,
        };
        Boxes {
            inputs,
            open: BinaryHeap::from([root]),
            root: network,
            whole,
            domains,
            limits,
            root_width,
            steps: steps(free, any_design),
            settled: f64::INFINITY,
            threshold: f64::INFINITY,
            best: None,
            nodes: 0,
            created: 1,
        }
    }

    /// Treats a batch of the most promising nodes.
    ///
    /// `threshold` is the value above which designs are of no interest, `best` that of the best design known.
    pub fn advance(&mut self, threshold: f64, best: f64, batch: usize, stop: &AtomicBool) {
        self.threshold = self.threshold.min(threshold);
        let mut nodes = Vec::with_capacity(batch);
        while nodes.len() < batch {
            match self.open.pop() {
                // Best first: no other open node can lie below it.
                Some(node) if node.bound >= self.threshold => self.open.clear(),
                Some(node) => nodes.push(node),
                None => break,
            }
        }
        let treatment = Treatment {
            threshold: if self.steps.any_design {
                f64::MIN_POSITIVE
            } else {
                self.threshold
            },
            best: best.min(self.best_value()),
            setting: Setting {
                domains: &self.domains,
                limits: &self.limits,
                steps: self.steps,
            },
            root: &self.root,
            root_width: &self.root_width,
            stop,
        };
        let treated: Vec<_> = if nodes.len() > 1 {
            nodes
                .into_par_iter()
                .map(|node| treatment.treat(node))
                .collect()
        } else {
            nodes
                .into_iter()
                .map(|node| treatment.treat(node))
                .collect()
        };
        for (outcome, candidate) in treated {
            if let Some(candidate) = candidate
                && candidate.0 < self.best_value()
            {
                self.best = Some(candidate);
            }
            self.nodes += u64::from(!matches!(outcome, Outcome::Stopped(_)));
            match outcome {
                Outcome::Pruned => {}
                Outcome::Stopped(node) => self.open.push(node),
                Outcome::Settled(bound) => self.settled = self.settled.min(bound),
                Outcome::Split(children) => {
                    for mut child in children {
                        child.number = self.created;
                        self.created += 1;
                        self.open.push(child);
                    }
                }
            }
        }
    }

    /// Takes note of a design, given over the inputs of this tree.
    pub fn offer(&mut self, x: Vec<f64>) {
        let (value, violation) = self.root.evaluate(&x);
        let violation = self
            .limits
            .iter()
            .map(|limit| limit.excess(&x))
            .fold(violation, f64::max);
        if violation <= 1e-9 && value < self.best_value() {
            self.best = Some((value, x));
        }
    }

    /// The proved lower bound: no design lies below it.
    pub fn bound(&self) -> f64 {
        let open = self.open.peek().map_or(f64::INFINITY, |node| node.bound);
        open.min(self.settled).min(self.threshold)
    }

    /// The best design met, over the inputs of this tree.
    pub fn best(&self) -> Option<&Candidate> {
        self.best.as_ref()
    }

    fn best_value(&self) -> f64 {
        self.best.as_ref().map_or(f64::INFINITY, |best| best.0)
    }

    /// How many inputs are not fixed, and how many kinks are undecided.
    pub fn size(&self) -> (usize, usize) {
        (
            self.root_width.iter().filter(|w| **w > 0.0).count(),
            self.root.symbols.len(),
        )
    }

    /// What the tree is over, whatever was done in it.
    pub fn subject(&self) -> Subject<'_> {
        Subject {
            network: &self.root,
            cell: &self.whole,
            setting: Setting {
                domains: &self.domains,
                limits: &self.limits,
                steps: self.steps,
            },
        }
    }

    /// Nodes treated, and nodes waiting.
    pub fn counts(&self) -> (u64, usize) {
        (self.nodes, self.open.len())
    }
}

/// What the objective cannot be below, at a glance.
fn least_value(network: &Reduced, any_design: bool) -> f64 {
    let never_negative = network.heads.rows.row(0).iter().all(|v| *v == 0.0)
        && network
            .caps
            .iter()
            .zip(network.head_caps.row(0))
            .all(|(cap, q)| {
                *q == 0.0
                    || matches!(cap.shape, Shape::Norm)
                    || matches!(cap.shape, Shape::Kink(s) if s <= 0.0)
            });
    if never_negative && !any_design {
        0.0
    } else {
        f64::NEG_INFINITY
    }
}

/// How to step, by the number of inputs: few steps where boxes shrink fast, more where they do not.
fn steps(free: usize, any_design: bool) -> Steps {
    let (count, decay, momentum) = if free <= 4 {
        (10, 0.9, 0.85)
    } else {
        (60, 0.96, 0.9)
    };
    Steps {
        count,
        few: count.min(20),
        near: 0.85,
        many: 40,
        decay,
        momentum,
        any_design,
    }
}
