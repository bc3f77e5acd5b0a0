//! Branch and bound over what is chosen, with linear bounds of the whole graph in every box.
//!
//! Where few values are chosen, a tree of input boxes closes gaps that branching on neurons never will. A model is
//! [built](build) into a reduced network, taken apart into [parts] that share no input and into choices of the inputs
//! that are used, and each part is bounded by a tree of [boxes]. In a box, the reduced network is [derived](derive),
//! its objective bounded by a joint [dual] pass, the box contracted and [split]. The same thresholds give the same tree,
//! whatever the timing.

mod account;
mod alike;
mod boxes;
mod budget;
mod build;
mod cap;
pub(crate) mod cell;
mod choices;
pub mod compact;
mod components;
mod demands;
mod derive;
mod dual;
mod eliminate;
mod kernel;
mod kinks;
mod leaf;
mod lines;
mod maxima;
mod packed;
mod parts;
mod pass;
pub mod proof;
mod record;
mod reduced;
mod root;
mod scratch;
mod selections;
mod simplex;
mod slopes;
mod split;
mod symbol;
mod treat;
mod uses;
mod vertices;
#[cfg(target_arch = "x86_64")]
mod wide;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::model::Model;
use account::Account;
pub use account::Work;
pub use build::Unsupported;
use cell::{Cell, Domains};
pub use parts::Shape;
use parts::{Context, Part};
pub use record::{Fate, Recorded, Rectangle};
use root::Root;

/// Nodes a thread treats in one batch.
const BATCH_PER_THREAD: usize = 8;

/// The tree over one model.
pub struct Tree {
    part: Part,
    account: Arc<Account>,
    /// Where inputs go that nothing depends on.
    start: Vec<f64>,
    threshold: f64,
    best: f64,
    candidates: Vec<Vec<f64>>,
    pool: rayon::ThreadPool,
    batch: usize,
}

impl Tree {
    /// A tree whose root is the box of the model.
    ///
    /// # Errors
    /// When the model has something that this engine does not branch on.
    pub fn new(model: &Model, threads: usize) -> Result<Self, Unsupported> {
        let threads = threads.max(1);
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .map_err(|error| Unsupported(format!("no threads could be started: {error}")))?;
        let mut start = model.lower.clone();
        // Unused, whatever the selections.
        let selected = model
            .selections
            .iter()
            .flat_map(|s| s.groups.iter().flatten());
        selected.for_each(|&i| start[i] = 0.0_f64.clamp(start[i], model.upper[i]));
        let account = Arc::new(Account::default());
        let mut part = parts_of(model, &account)?;
        if let Part::Boxes(boxes) = &mut part {
            boxes.keep_record();
        }
        Ok(Tree {
            part,
            account,
            start,
            threshold: f64::INFINITY,
            best: f64::INFINITY,
            candidates: Vec::new(),
            pool,
            batch: threads * BATCH_PER_THREAD,
        })
    }

    /// Lets the boxes that wait take so many bytes (as the tree counts them) before it goes depth first.
    pub fn limit_memory(&mut self, bytes: usize) {
        self.account.most_bytes.store(bytes, Ordering::Relaxed);
    }

    /// Treats nodes until `duration` is over, `stop` is set, a better design is met or no node is left.
    ///
    /// `threshold` is the value above which designs are of no interest; it may only fall from call to call. `best` is
    /// the value of the best design known: better points met on the way are kept as candidates.
    pub fn advance(&mut self, threshold: f64, best: f64, duration: Duration, stop: &AtomicBool) {
        self.threshold = self.threshold.min(threshold);
        self.best = self.best.min(best);
        let start = Instant::now();
        while start.elapsed() < duration && !stop.load(Ordering::Relaxed) && !self.exhausted() {
            let (part, pool) = (&mut self.part, &self.pool);
            pool.install(|| part.advance(self.threshold, self.best, self.batch, stop));
            if let Some((value, inputs)) = self.part.best()
                && value < self.best
            {
                self.best = value;
                let mut x = self.start.clone();
                inputs.into_iter().for_each(|(i, v)| x[i] = v);
                self.candidates.push(x);
                // A better design lowers the threshold: the caller knows by how much.
                return;
            }
        }
    }

    /// Takes note of a design that holds.
    pub fn offer(&mut self, x: &[f64]) {
        self.part.offer(x);
    }

    /// The proved lower bound: no design lies below it.
    pub fn bound(&self) -> f64 {
        self.part.bound().min(self.threshold)
    }

    /// True once no node is left, or none that matters: the bound is final.
    pub fn exhausted(&self) -> bool {
        self.open() == 0 || self.part.bound() >= self.threshold
    }

    /// The shape of the problem.
    pub fn shape(&self) -> Shape {
        self.part.shape()
    }

    /// Nodes treated so far.
    pub fn nodes(&self) -> u64 {
        self.part.counts().0
    }

    /// Nodes waiting.
    pub fn open(&self) -> usize {
        self.part.counts().1
    }

    /// The work done so far.
    pub fn work(&self) -> Work {
        self.account.work()
    }

    /// What the boxes that wait promise for a design: the least value; if it lies in none of them, the bound of all boxes
    /// that were too small to split. None if there are several trees.
    ///
    /// For tests: a design below the threshold that holds is promised its own value, or less by a box too small.
    #[doc(hidden)]
    pub fn promise(&self, x: &[f64]) -> Option<f64> {
        match &self.part {
            Part::Boxes(boxes) => Some(boxes.promise(x)),
            _ => None,
        }
    }

    /// Where two inputs are free, in one tree: which ones, and the boxes so far, each behind the one it is a part of.
    ///
    /// Designs from `threshold` on are of no interest: open boxes without better ones are given as pruned.
    pub fn boxes(&self, threshold: f64) -> Option<([usize; 2], Vec<Recorded>)> {
        let Part::Boxes(boxes) = &self.part else {
            return None;
        };
        let record = boxes.record()?;
        let inputs = record.axes().map(|axis| boxes.inputs[axis]);
        Some((inputs, record.boxes(threshold)))
    }

    /// Whether bounding a box alone proves that no design in it lies below `threshold`; None if there are several trees.
    pub fn rules_out(&self, lower: &[f64], upper: &[f64], threshold: f64) -> Option<bool> {
        match &self.part {
            Part::Boxes(boxes) => Some(boxes.rules_out(lower, upper, threshold)),
            _ => None,
        }
    }

    /// Takes the points that looked better than the best design, the last one the best.
    pub fn take_candidates(&mut self) -> Vec<Vec<f64>> {
        std::mem::take(&mut self.candidates)
    }
}

/// The parts of a model, each with the reduced network of its whole box.
fn parts_of(model: &Model, account: &Arc<Account>) -> Result<Part, Unsupported> {
    let cell = Cell {
        lower: model.lower.clone(),
        upper: model.upper.clone(),
    };
    let domains = Domains::new(&model.domains);
    let (network, limits) = build::build(model, &cell)?;
    let context = Context {
        any_design: model.objective.is_none(),
        account: account.clone(),
    };
    let roots = if context.any_design {
        vec![Root {
            inputs: (0..cell.lower.len()).collect(),
            network,
            cell,
            domains,
            limits,
        }]
    } else {
        components::components(&network, &limits, &cell, &domains)
    };
    selections::choices(model, roots, &context)
}
