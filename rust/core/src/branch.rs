//! Branch and bound over the inputs, with linear bounds of the whole graph in every box.
//!
//! Where few values are chosen, a tree of input boxes closes gaps that branching on neurons never will. A node is a box
//! with the reduced network of itself or an ancestor; nodes are treated best first, in batches that do not depend on
//! timing, so the same thresholds give the same tree.

mod dual;
mod reduced;
mod split;

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rayon::prelude::*;

use crate::bounds::Bounds;
use crate::model::{Domain, Formula, Model};
use dual::{Multipliers, Steps};
pub use reduced::Unsupported;
use reduced::{Reduced, minimum};

/// Nodes a thread treats in one batch.
const BATCH_PER_THREAD: usize = 8;

/// A child keeps a reduced network of its own if it has at most this share of its ancestor's symbols.
const OWN_NETWORK_SHARE: f64 = 0.75;

/// The box is bounded again if contraction left less than this share of its volume.
const WORTH_ANOTHER_ROUND: f64 = 0.6;

/// Rounds of bounding one box.
const ROUNDS: usize = 3;

/// Boxes whose sides are all narrower than this share of the root's are not split any more.
const SMALLEST_SIDE: f64 = 1e-10;

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

/// A value and the point that has it.
type Candidate = (f64, Vec<f64>);

/// What became of a node.
enum Outcome {
    /// Nothing in it lies below the threshold.
    Pruned,
    /// Too small to split; nothing in it lies below the bound.
    Settled(f64),
    /// Split into these.
    Split(Vec<Node>),
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
        if model.objective.is_none() {
            return refuse("without an objective there is nothing to bound");
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
        let steps = if lower.len() <= 4 {
            Steps {
                count: 10,
                decay: 0.9,
                momentum: 0.85,
            }
        } else {
            Steps {
                count: 60,
                decay: 0.96,
                momentum: 0.9,
            }
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

    /// Treats nodes until `duration` is over or no node is left.
    ///
    /// `threshold` is the value above which designs are of no interest; it may only fall from call to call. `best` is
    /// the value of the best design known: better points met on the way are kept as candidates.
    pub fn advance(&mut self, threshold: f64, best: f64, duration: Duration) {
        self.threshold = self.threshold.min(threshold);
        self.best = self.best.min(best);
        let start = Instant::now();
        while start.elapsed() < duration {
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
            self.treat(batch);
        }
    }

    fn treat(&mut self, batch: Vec<Node>) {
        self.nodes += batch.len() as u64;
        let (threshold, best) = (self.threshold, self.best);
        let (integer, root_width, steps) = (&self.integer, &self.root_width, self.steps);
        let treated: Vec<(Outcome, Option<Candidate>)> = self.pool.install(|| {
            batch
                .into_par_iter()
                .map(|node| process(node, threshold, best, integer, root_width, steps))
                .collect()
        });
        for (outcome, candidate) in treated {
            if let Some((value, x)) = candidate
                && value < self.best
            {
                self.best = value;
                self.candidates.push(x);
            }
            match outcome {
                Outcome::Pruned => {}
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

fn process(
    mut node: Node,
    threshold: f64,
    best: f64,
    integer: &[bool],
    root_width: &[f64],
    steps: Steps,
) -> (Outcome, Option<Candidate>) {
    let (mut lower, mut upper) = (node.lower.clone(), node.upper.clone());
    let mut network = node.network.clone();
    let mut candidate = None;
    for round in 0..ROUNDS {
        let before = volume(&lower, &upper, root_width);
        network = Arc::new(network.derive(&lower, &upper));
        if !hold_constraints(&network, &mut lower, &mut upper, integer) {
            return (Outcome::Pruned, candidate);
        }
        let found = dual::bound(
            &network,
            &mut lower,
            &mut upper,
            integer,
            &mut node.multipliers,
            threshold,
            steps,
        );
        node.bound = node.bound.max(found.value);
        if found.pruned {
            return (Outcome::Pruned, candidate);
        }
        candidate = better(
            &network,
            &lower,
            &upper,
            &found.minimiser,
            integer,
            best,
            candidate,
        );
        if round + 1 < ROUNDS && volume(&lower, &upper, root_width) < WORTH_ANOTHER_ROUND * before {
            continue;
        }
        let kept = if (network.symbols.len() as f64)
            <= OWN_NETWORK_SHARE * node.network.symbols.len() as f64
        {
            network.clone()
        } else {
            node.network.clone()
        };
        let Some((axis, left, right)) = split::choose(
            &network,
            &found,
            &lower,
            &upper,
            integer,
            root_width,
            SMALLEST_SIDE,
        ) else {
            return (Outcome::Settled(node.bound), candidate);
        };
        let child = |low: f64, high: f64| {
            let mut child = Node {
                lower: lower.clone(),
                upper: upper.clone(),
                bound: node.bound,
                network: kept.clone(),
                multipliers: node.multipliers.clone(),
                number: 0,
            };
            child.lower[axis] = low;
            child.upper[axis] = high;
            child
        };
        return (
            Outcome::Split(vec![child(lower[axis], left), child(right, upper[axis])]),
            candidate,
        );
    }
    (Outcome::Settled(node.bound), candidate)
}

/// Contracts the box by each constraint alone; false if one of them cannot hold in it.
fn hold_constraints(
    network: &Reduced,
    lower: &mut [f64],
    upper: &mut [f64],
    integer: &[bool],
) -> bool {
    for row in &network.constraints {
        let (form, substituted) = network.form(row, 1.0);
        let reach: Vec<f64> = lower
            .iter()
            .zip(upper.iter())
            .map(|(l, u)| l.abs().max(u.abs()))
            .collect();
        let magnitude = network.magnitude(row, &reach) + substituted;
        let margin = (network.roundings + row.len() as f64) * f64::EPSILON * magnitude;
        let least = minimum(&form, lower, upper) - margin;
        // An equality that holds exactly at a corner must survive the rounding of its own sum.
        if least > 0.0 || !dual::contract(&form[..lower.len()], -least, lower, upper, integer) {
            return false;
        }
    }
    true
}

/// The better of a known candidate and the points that suggest themselves in the box, if below `best`.
fn better(
    network: &Reduced,
    lower: &[f64],
    upper: &[f64],
    minimiser: &[f64],
    integer: &[bool],
    best: f64,
    known: Option<Candidate>,
) -> Option<Candidate> {
    let mut found = known;
    for share in [0.0, 1.0] {
        let x: Vec<f64> = (0..lower.len())
            .map(|i| {
                let x = share * minimiser[i] + (1.0 - share) * 0.5 * (lower[i] + upper[i]);
                let x = x.clamp(lower[i], upper[i]);
                if integer[i] { x.round() } else { x }
            })
            .collect();
        let (value, violation) = network.evaluate(&x);
        let limit = found.as_ref().map_or(best, |f| f.0.min(best));
        if violation <= 1e-9 && value < limit {
            found = Some((value, x));
        }
    }
    found
}

fn volume(lower: &[f64], upper: &[f64], root_width: &[f64]) -> f64 {
    (lower.iter().zip(upper).zip(root_width))
        .filter(|(_, w)| **w > 0.0)
        .map(|((l, u), w)| ((u - l) / w).max(1e-12))
        .product()
}
