//! The tree of boxes over one set of inputs: best first, in batches that do not depend on timing.

use std::cmp::Ordering;
use std::collections::{BinaryHeap, HashMap};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use rayon::prelude::*;

use super::account::Account;
use super::cap::Shape;
use super::cell::{Cell, Domains, Limit};
use super::derive::Derived;
use super::dual::{self, Multipliers, Setting, Steps};
use super::packed::{History, Packed, Source};
use super::parts::Context;
use super::record::{Fate, Record};
use super::reduced::{Kept, Reduced};
use super::root::Root;
use super::treat::{Candidate, Outcome, Treatment};

/// Where many boxes wait, a batch takes one of so many of them, so that threads wait less for the last of it.
const WAITING_PER_BATCH: usize = 64;

/// But at most so many times a small batch.
const LARGEST_BATCH: usize = 8;

/// With fewer networks than this, there is nothing to pack.
const FEW_NETWORKS: usize = 16;

/// Boxes of at most so many inputs shrink fast.
const FAST_INPUTS: usize = 4;

/// Networks of at least so many layers of kinks are deep.
const DEEP: usize = 8;

/// A box that waits to be treated.
pub struct Node {
    /// What may be chosen in it.
    pub cell: Cell,
    /// No design in it lies below this.
    pub bound: f64,
    /// The reduced network of the box, or of one around it.
    pub network: Source,
    /// Where the bound of the parent ended.
    pub multipliers: Arc<Multipliers>,
    /// The parent's best form over `(x, 1)`: no design of the box lies below it.
    pub cut: Option<Arc<Vec<f64>>>,
    /// Its network is that of this very box, not of a larger one.
    pub is_derived: bool,
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
    /// Below the nodes that are treated depth first, for want of memory.
    deep: Vec<Node>,
    root: Arc<Kept>,
    account: Arc<Account>,
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
    record: Option<Box<Record>>,
    /// Open nodes whose network is not packed.
    unpacked: usize,
}

impl Boxes {
    /// A tree whose root is one box; `is_derived` if its network was derived for this box, not only built.
    pub fn new(root: Root, is_derived: bool, context: &Context) -> Self {
        let Root {
            inputs,
            mut network,
            cell,
            domains,
            limits,
        } = root;
        let (any_design, account) = (context.any_design, &context.account);
        let root_width = cell.widths();
        let free = root_width.iter().filter(|w| **w > 0.0).count();
        let steps = steps(free, network.layers.len(), any_design);
        network.history = History::new(&network.symbols);
        let network = Kept::new(network, account);
        let whole = cell.clone();
        let root = Node {
            cell,
            bound: least_value(&network, any_design),
            multipliers: Arc::new(Multipliers::new(&network)),
            network: Source::Kept(network.clone()),
            cut: None,
            // Limits may decide more than the box does.
            is_derived: is_derived && limits.is_empty(),
            kink_splits: 0,
            number: 0,
        };
        Boxes {
            inputs,
            open: BinaryHeap::from([root]),
            deep: Vec::new(),
            root: network,
            account: account.clone(),
            whole,
            domains,
            limits,
            root_width,
            steps,
            settled: f64::INFINITY,
            threshold: f64::INFINITY,
            best: None,
            nodes: 0,
            created: 1,
            record: None,
            unpacked: 1,
        }
    }

    /// Keeps a record from here on, if exactly two inputs are free; only before the first batch.
    pub fn keep_record(&mut self) {
        let root = self.open.peek();
        self.record = root
            .and_then(|root| Record::new(root, &self.domains))
            .map(Box::new);
    }

    /// The record, if one is kept.
    pub fn record(&self) -> Option<&Record> {
        self.record.as_deref()
    }

    /// Treats a batch of the most promising nodes, `batch` of them or more where many wait.
    ///
    /// `threshold` is the value above which designs are of no interest, `best` that of the best design known.
    pub fn advance(&mut self, threshold: f64, best: f64, batch: usize, stop: &AtomicBool) {
        self.threshold = self.threshold.min(threshold);
        let most = self.account.taken().1;
        if self.taken() > most && self.unpacked > FEW_NETWORKS {
            self.pack(most / 4 * 3);
        }
        let limit = if self.deep.is_empty() {
            most
        } else {
            most / 4 * 3
        };
        let short = self.taken() > limit;
        let waiting = self.open.len() / WAITING_PER_BATCH;
        let nodes = self.take(waiting.clamp(batch, LARGEST_BATCH * batch), short);
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
                stop,
            },
            root: &self.root,
            account: &self.account,
            root_width: &self.root_width,
            stop,
        };
        let numbers: Vec<u64> = nodes.iter().map(|node| node.number).collect();
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
        for (number, (outcome, candidate)) in numbers.into_iter().zip(treated) {
            if let Some(candidate) = candidate
                && candidate.0 < self.best_value()
            {
                self.best = Some(candidate);
            }
            self.nodes += u64::from(!matches!(outcome, Outcome::Stopped(_)));
            match outcome {
                Outcome::Pruned => {
                    if let Some(record) = &mut self.record {
                        record.close(number, Fate::Pruned, self.threshold);
                    }
                }
                Outcome::Stopped(node) => self.open_again([node]),
                Outcome::Settled(bound) => {
                    self.settled = self.settled.min(bound);
                    if let Some(record) = &mut self.record {
                        record.close(number, Fate::Settled, bound);
                    }
                }
                Outcome::Split(mut children) => {
                    for child in &mut children {
                        child.number = self.created;
                        self.created += 1;
                    }
                    if let Some(record) = &mut self.record {
                        record.split(number, &children);
                    }
                    if short {
                        self.deep.extend(children);
                    } else {
                        self.open_again(children);
                    }
                }
            }
        }
    }

    /// The most promising nodes; depth first when `short` of memory.
    fn take(&mut self, batch: usize, short: bool) -> Vec<Node> {
        if !short {
            let deep = std::mem::take(&mut self.deep);
            self.open_again(deep);
        }
        let mut nodes = Vec::with_capacity(batch);
        while nodes.len() < batch {
            let (next, is_first) = match self.deep.pop() {
                Some(node) => (Some(node), false),
                None if short && !nodes.is_empty() => (None, true),
                None => (self.open.pop(), true),
            };
            match next {
                Some(node) if node.bound < self.threshold => {
                    let is_unpacked = is_first && matches!(node.network, Source::Kept(_));
                    self.unpacked -= usize::from(is_unpacked);
                    nodes.push(node);
                }
                Some(node) => {
                    if let Some(record) = &mut self.record {
                        let others = self.open.iter().filter(|_| is_first);
                        for node in others.chain([&node]) {
                            record.close(node.number, Fate::Pruned, node.bound);
                        }
                    }
                    if is_first {
                        // Best first: no other open node can lie below it.
                        self.open.clear();
                        self.unpacked = 0;
                    }
                }
                None => break,
            }
        }
        nodes
    }

    /// Puts nodes among those that wait, best first.
    fn open_again(&mut self, nodes: impl IntoIterator<Item = Node>) {
        self.open.extend(nodes.into_iter().inspect(|node| {
            self.unpacked += usize::from(matches!(node.network, Source::Kept(_)));
        }));
    }

    /// Packs the networks of the least promising nodes, until no more than `most` bytes are taken.
    fn pack(&mut self, most: usize) {
        let mut left = self.taken().saturating_sub(most);
        let mut nodes = std::mem::take(&mut self.open).into_sorted_vec();
        let mut packed: HashMap<*const Kept, Arc<Packed>> = HashMap::new();
        self.unpacked = 0;
        for node in &mut nodes {
            let Source::Kept(network) = &node.network else {
                continue;
            };
            if Arc::ptr_eq(network, &self.root) || left == 0 {
                self.unpacked += 1;
                continue;
            }
            let before = self.account.taken().0;
            let once = packed.entry(Arc::as_ptr(network));
            let small = once.or_insert_with(|| Packed::new(network, &self.account));
            node.network = Source::Packed(small.clone());
            left = (left + self.account.taken().0).saturating_sub(before);
        }
        self.open = BinaryHeap::from(nodes);
    }

    /// The bytes of all networks, and of the nodes of this tree.
    fn taken(&self) -> usize {
        let inputs = self.inputs.len() + self.root.cap_rows.error.len();
        let node = size_of::<Node>() + 3 * size_of::<f64>() * inputs;
        self.account.taken().0 + node * self.open.len()
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

    /// Takes over a bound that was proved before; only before the first batch.
    pub fn raise(&mut self, bound: f64) {
        if let Some(mut root) = self.open.peek_mut() {
            root.bound = root.bound.max(bound);
        }
    }

    /// The proved lower bound: no design lies below it.
    pub fn bound(&self) -> f64 {
        let open = self.open.peek().map_or(f64::INFINITY, |node| node.bound);
        let deep = self
            .deep
            .iter()
            .map(|node| node.bound)
            .fold(f64::INFINITY, f64::min);
        open.min(deep).min(self.settled).min(self.threshold)
    }

    /// The best design met, over the inputs of this tree.
    pub fn best(&self) -> Option<&Candidate> {
        self.best.as_ref()
    }

    fn best_value(&self) -> f64 {
        self.best.as_ref().map_or(f64::INFINITY, |best| best.0)
    }

    /// The least value that a box promises at a point of the model, or its bound if that is higher; else the bound of the
    /// boxes that were too small.
    pub fn promise(&self, x: &[f64]) -> f64 {
        let x: Vec<f64> = self.inputs.iter().map(|&i| x[i]).collect();
        let near = |at: f64, lower: f64, upper: f64| lower - 1e-12 <= at && at <= upper + 1e-12;
        let holds = |cell: &Cell| {
            let sides = cell.lower.iter().zip(&cell.upper);
            x.iter().zip(sides).all(|(&at, (&l, &u))| near(at, l, u))
        };
        (self.open.iter().filter(|node| holds(&node.cell)))
            .map(|node| {
                let network = node.network.network(&self.root, &node.cell, &self.account);
                (node.bound, network.evaluate(&x))
            })
            .filter(|(_, (_, violation))| *violation <= 1e-7)
            .map(|(bound, (value, _))| value.max(bound))
            .min_by(f64::total_cmp)
            .unwrap_or(self.settled)
    }

    /// How many inputs are not fixed, and how many kinks are undecided.
    pub fn size(&self) -> (usize, usize) {
        (
            self.root_width.iter().filter(|w| **w > 0.0).count(),
            self.root.symbols.len(),
        )
    }

    /// What the tree is over, whatever was done in it.
    pub fn subject<'a>(&'a self, stop: &'a AtomicBool) -> Subject<'a> {
        Subject {
            network: &self.root,
            cell: &self.whole,
            setting: Setting {
                domains: &self.domains,
                limits: &self.limits,
                steps: self.steps,
                stop,
            },
        }
    }

    /// Whether bounding a box by itself, as one of this tree, proves that no design in it lies below `threshold`.
    ///
    /// `lower` and `upper` are of all inputs of the model.
    pub fn rules_out(&self, lower: &[f64], upper: &[f64], threshold: f64) -> bool {
        let pick = |all: &[f64]| self.inputs.iter().map(|&i| all[i]).collect();
        let mut cell = Cell {
            lower: pick(lower),
            upper: pick(upper),
        };
        let never = AtomicBool::new(false);
        let setting = self.subject(&never).setting;
        match self.root.derive(&cell, setting.limits, || false) {
            Derived::Empty => true,
            Derived::Stopped => false,
            Derived::Network(network) => {
                let mut start = Multipliers::new(&network);
                dual::bound(&network, &mut cell, &setting, &mut start, threshold).pruned
            }
        }
    }

    /// Nodes treated, and nodes waiting.
    pub fn counts(&self) -> (u64, usize) {
        (self.nodes, self.open.len() + self.deep.len())
    }
}

/// What the objective cannot be below, at a glance.
pub fn least_value(network: &Reduced, any_design: bool) -> f64 {
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

/// How to step: little for each box where boxes of few inputs shrink fast, more where they do not, or where the bounds of
/// a deep network are loose: there it pays to solve the relaxation, and to decide kinks from it, with more of them.
fn steps(free: usize, depth: usize, any_design: bool) -> Steps {
    let shrinking = Steps {
        count: 10,
        few: 10,
        near: 0.85,
        many: 40,
        decay: 0.9,
        momentum: 0.85,
        exact: 32,
        missing: 0.15,
        pivots: 6000,
        any_design,
    };
    if free > FAST_INPUTS {
        Steps {
            count: 40,
            few: 20,
            decay: 0.96,
            momentum: 0.9,
            exact: 64,
            ..shrinking
        }
    } else if depth >= DEEP {
        Steps {
            count: 20,
            few: 5,
            exact: 56,
            missing: 0.5,
            pivots: 1500,
            ..shrinking
        }
    } else {
        shrinking
    }
}
