//! Branch and bound over the inputs, with linear bounds of the whole graph in every box.
//!
//! Where few values are chosen, a tree of input boxes closes gaps that branching on neurons never will. A node is a box
//! with the reduced network of itself or an ancestor; nodes are treated best first, in batches that do not depend on
//! timing, so the same thresholds give the same tree.

mod dual;
mod reduced;
mod split;
mod treat;

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering as Memory};
use std::time::{Duration, Instant};

use rayon::prelude::*;

use crate::bounds::Bounds;
use crate::model::{Domain, Formula, Model};
use dual::{Multipliers, Steps};
use reduced::Reduced;
pub use reduced::Unsupported;
use treat::{Outcome, Treatment};

/// Nodes a thread treats in one batch.
const BATCH_PER_THREAD: usize = 8;

struct Node {
    lower: Vec<f64>,
    upper: Vec<f64>,
    bound: f64,
    network: Arc<Reduced>,
    multipliers: Multipliers,
    /// Which node this is, for ties.
    number: u64,
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

/// The tree over one model.
pub struct Tree {
    open: BinaryHeap<Node>,
    integer: Vec<bool>,
    root_width: Vec<f64>,
    steps: Steps,
    settled: f64,
    threshold: f64,
    nodes: u64,
    created: u64,
    best: f64,
    candidates: Vec<Vec<f64>>,
    pool: rayon::ThreadPool,
    threads: usize,
}

impl Tree {
    /// A tree whose root is the box of the model; `bounds` are proved on it.
    ///
    /// # Errors
    /// When the model has something that this engine does not branch on.
    pub fn new(model: &Model, bounds: &Bounds, threads: usize) -> Result<Self, Unsupported> {
        let refuse = |reason: &str| Err(Unsupported(reason.into()));
        if !model.selections.is_empty() {
            return refuse("selections are left to the milp engine");
        }
        let mut integer = Vec::with_capacity(model.domains.len());
        for domain in &model.domains {
            match domain {
                Domain::Continuous => integer.push(false),
                Domain::Integer => integer.push(true),
                Domain::Catalogue(_) => return refuse("catalogues are left to the milp engine"),
            }
        }
        let mut rows = Vec::new();
        for (_, formula) in &model.requirements {
            if !collect_rows(formula, &mut rows) {
                return refuse("alternatives (either, if, avoid) are left to the milp engine");
            }
        }
        let network = Arc::new(Reduced::build(
            &model.graph,
            bounds,
            model.objective,
            &rows,
        )?);
        let threads = threads.max(1);
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .map_err(|error| Unsupported(format!("no threads could be started: {error}")))?;
        let (lower, upper) = (model.lower.clone(), model.upper.clone());
        let root_width = lower.iter().zip(&upper).map(|(l, u)| u - l).collect();
        let (count, decay, momentum) = if lower.len() <= 4 {
            (10, 0.9, 0.85)
        } else {
            (60, 0.96, 0.9)
        };
        let steps = Steps {
            count,
            few: count.min(20),
            near: 0.85,
            many: 40,
            decay,
            momentum,
            any_design: model.objective.is_none(),
        };
        let multipliers = Multipliers::new(&network);
        let root = Node {
            lower,
            upper,
            bound: f64::NEG_INFINITY,
            network,
            multipliers,
            number: 0,
        };
        Ok(Tree {
            open: BinaryHeap::from([root]),
            integer,
            root_width,
            steps,
            settled: f64::INFINITY,
            threshold: f64::INFINITY,
            nodes: 0,
            created: 1,
            best: f64::INFINITY,
            candidates: Vec::new(),
            pool,
            threads,
        })
    }

    /// Treats nodes until `duration` is over, `stop` is set or no node is left.
    ///
    /// `threshold` is the value above which designs are of no interest; it may only fall from call to call. `best` is
    /// the value of the best design known: better points met on the way are kept as candidates.
    pub fn advance(&mut self, threshold: f64, best: f64, duration: Duration, stop: &AtomicBool) {
        self.threshold = self.threshold.min(threshold);
        self.best = self.best.min(best);
        let start = Instant::now();
        while start.elapsed() < duration && !stop.load(Memory::Relaxed) {
            let mut batch = Vec::new();
            while batch.len() < self.threads * BATCH_PER_THREAD {
                match self.open.pop() {
                    Some(node) if node.bound >= self.threshold => {
                        // Best first: no other open node can lie below it.
                        self.open.clear();
                    }
                    Some(node) => batch.push(node),
                    None => break,
                }
            }
            if batch.is_empty() {
                return;
            }
            self.treat(batch, stop);
        }
    }

    fn treat(&mut self, batch: Vec<Node>, stop: &AtomicBool) {
        let treatment = Treatment {
            threshold: if self.steps.any_design {
                f64::MIN_POSITIVE
            } else {
                self.threshold
            },
            best: self.best,
            integer: &self.integer,
            root_width: &self.root_width,
            steps: self.steps,
            stop,
        };
        let treated: Vec<_> = self.pool.install(|| {
            batch
                .into_par_iter()
                .map(|node| treatment.treat(node))
                .collect()
        });
        for (outcome, candidate) in treated {
            if let Some((value, x)) = candidate
                && value < self.best
            {
                self.best = value;
                self.candidates.push(x);
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

    /// The proved lower bound: no design lies below it.
    pub fn bound(&self) -> f64 {
        let open = self.open.peek().map_or(f64::INFINITY, |node| node.bound);
        open.min(self.settled).min(self.threshold)
    }

    /// True once no node is left: the bound is final.
    pub fn exhausted(&self) -> bool {
        self.open.is_empty()
    }

    /// Nodes treated so far.
    pub fn nodes(&self) -> u64 {
        self.nodes
    }

    /// Nodes waiting.
    pub fn open(&self) -> usize {
        self.open.len()
    }

    /// Takes the points that looked better than the best design, the last one the best.
    pub fn take_candidates(&mut self) -> Vec<Vec<f64>> {
        std::mem::take(&mut self.candidates)
    }
}

/// Flattens a conjunction into rows; false if it is not one.
fn collect_rows(formula: &Formula, rows: &mut Vec<(usize, usize, f64, f64)>) -> bool {
    match formula {
        Formula::Within { node, lower, upper } => {
            for entry in 0..lower.len() {
                if upper[entry].is_finite() {
                    rows.push((*node, entry, 1.0, upper[entry]));
                }
                if lower[entry].is_finite() {
                    rows.push((*node, entry, -1.0, -lower[entry]));
                }
            }
            true
        }
        Formula::All(parts) => parts.iter().all(|part| collect_rows(part, rows)),
        Formula::Any(_) => false,
    }
}
