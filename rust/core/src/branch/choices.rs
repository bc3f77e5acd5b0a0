//! Choices of the inputs that are used: each is looked at once, then the most promising are worked on.
//!
//! At the first look the parts of a choice are bounded by one box each, those first that have the highest bounds in other
//! choices, until their sum reaches the threshold: most choices end there. Of the others only the bounds are kept, since
//! the networks of all of them would take more memory than time, until it is their turn. A few nodes of every batch go to
//! the best of them already while others have not been looked at: the designs that they lead to end more first looks.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::sync::atomic::{AtomicBool, Ordering as Memory};

use rayon::prelude::*;

use super::alike::Roots;
use super::parts::{Assignment, Context, Part, Shape, left_for, sum_down};
use super::root::Root;

/// A choice is worked on for as many nodes as it had before, but for no more than this at a time.
const MOST_NODES_AT_ONCE: u64 = 32;

/// While choices are left that have not been looked at, the best of the others gets one place of so many.
const LOOKS: usize = 16;

/// What is known of a choice that has been looked at.
enum State {
    /// The bounds of its parts.
    Seen(Vec<f64>),
    /// Its trees: a sum.
    Open(Box<Part>),
}

/// One choice of the inputs that are used.
struct Choice {
    bound: f64,
    number: usize,
    state: State,
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

/// A choice after work on it.
struct Worked {
    choice: Choice,
    nodes: u64,
    best: Option<Assignment>,
    finished: bool,
    /// The parts that were looked at for the first time, and their bounds.
    seen: Vec<(usize, f64)>,
}

/// All choices of the inputs that are used, the most promising first.
pub struct Choices {
    /// The first choice that has not been looked at.
    next: usize,
    open: BinaryHeap<Choice>,
    /// What is worked on before any other choice: for the best design so far, or for want of memory.
    first: Vec<Choice>,
    roots: Roots,
    /// By root, what its objective cannot be below.
    least: Vec<f64>,
    /// Inputs that have one value only.
    fixed: Vec<(usize, f64)>,
    /// By choice, the inputs that are zero, sorted.
    off: Vec<Vec<usize>>,
    shape: Shape,
    context: Context,
    threshold: f64,
    settled: f64,
    best: Option<Assignment>,
    incumbent: Option<Vec<f64>>,
    nodes: u64,
    /// By part, the sum of the bounds at first look, and their number.
    seen: Vec<(f64, f64)>,
}

impl Choices {
    /// The choices that leave the inputs of one entry of `off` at zero.
    pub fn new(roots: Vec<Root>, off: Vec<Vec<usize>>, context: &Context) -> Self {
        let shape = shape(&roots, &off);
        let fixed = roots.iter().flat_map(Root::fixed).collect();
        let least: Vec<f64> = roots.iter().map(|r| r.least_value(context)).collect();
        Choices {
            next: 0,
            open: BinaryHeap::new(),
            first: Vec::new(),
            seen: vec![(0.0, 0.0); roots.len()],
            least,
            roots: Roots::new(roots),
            fixed,
            off,
            shape,
            context: context.clone(),
            threshold: f64::INFINITY,
            settled: f64::INFINITY,
            best: None,
            incumbent: None,
            nodes: 0,
        }
    }

    /// The shape of the problem.
    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// No design lies below this.
    pub fn bound(&self) -> f64 {
        let open = self.open.peek().map_or(f64::INFINITY, |c| c.bound);
        let first = self.first.iter().map(|c| c.bound);
        let least = first.fold(open, f64::min).min(self.settled);
        let new = if self.next < self.off.len() {
            self.least_sum()
        } else {
            f64::INFINITY
        };
        least.min(new).min(self.threshold)
    }

    fn least_sum(&self) -> f64 {
        sum_down(self.least.iter().copied())
    }

    /// The best design met.
    pub fn best(&self) -> Option<&Assignment> {
        self.best.as_ref()
    }

    /// Takes note of a design of the whole model.
    pub fn offer(&mut self, x: &[f64]) {
        self.incumbent = Some(x.to_vec());
    }

    /// Nodes treated, and choices waiting.
    pub fn counts(&self) -> (u64, usize) {
        let new = self.off.len() - self.next;
        (self.nodes, new + self.open.len() + self.first.len())
    }

    /// Works on the most promising choices.
    pub fn advance(&mut self, threshold: f64, batch: usize, stop: &AtomicBool) {
        self.threshold = self.threshold.min(threshold);
        let (taken, most) = self.context.account.taken();
        let short = taken > most / 2;
        if self.least_sum() >= self.threshold {
            self.next = self.off.len();
        }
        let looks = if short { 0 } else { batch };
        let new = self.next..self.off.len().min(self.next + looks);
        self.next = new.end;
        let others = if new.is_empty() {
            batch
        } else {
            batch.div_ceil(LOOKS)
        };
        let chosen = self.take(others, short);
        let own_batch = (batch / (new.len() + chosen.len()).max(1)).max(1);
        let (this, order) = (&*self, self.order());
        let work = chosen
            .into_par_iter()
            .map(|choice| this.work(choice, own_batch, stop));
        let looks = new
            .into_par_iter()
            .map(|number| this.look(number, &order, stop));
        let worked: Vec<Worked> = work.chain(looks).collect();
        for Worked {
            choice,
            nodes,
            best,
            finished,
            seen,
        } in worked
        {
            self.nodes += nodes;
            for (k, bound) in seen.into_iter().filter(|(_, bound)| bound.is_finite()) {
                self.seen[k].0 += bound;
                self.seen[k].1 += 1.0;
            }
            let mut is_best = false;
            if let Some((value, inputs)) = best
                && self.best.as_ref().is_none_or(|known| value < known.0)
            {
                is_best = true;
                let off = self.off[choice.number].iter().map(|&i| (i, 0.0));
                let fixed = self.fixed.iter().copied();
                self.best = Some((value, fixed.chain(off).chain(inputs).collect()));
            }
            if finished {
                self.settled = self.settled.min(choice.bound);
            } else if choice.bound < self.threshold {
                if is_best || short && matches!(choice.state, State::Open(_)) {
                    self.first.push(choice);
                } else {
                    self.open.push(choice);
                }
            }
        }
    }

    /// The most promising choices; while `short` of memory, those that take some of it.
    fn take(&mut self, batch: usize, short: bool) -> Vec<Choice> {
        let mut chosen = Vec::with_capacity(batch);
        while chosen.len() < batch {
            if let Some(choice) = self.first.pop() {
                if choice.bound < self.threshold {
                    chosen.push(choice);
                }
                continue;
            }
            if short && !chosen.is_empty() {
                break;
            }
            match self.open.pop() {
                Some(choice) if choice.bound >= self.threshold => self.open.clear(),
                Some(choice) => chosen.push(choice),
                None => break,
            }
        }
        chosen
    }

    /// The parts in the order of a first look: those not seen yet, then the highest mean bounds.
    fn order(&self) -> Vec<usize> {
        let mean = |k: usize| {
            let (sum, count) = self.seen[k];
            if count > 0.0 {
                sum / count
            } else {
                f64::INFINITY
            }
        };
        let mut order: Vec<usize> = (0..self.seen.len()).collect();
        order.sort_by(|&a, &b| mean(b).total_cmp(&mean(a)));
        order
    }

    /// Bounds the parts of a choice by one box each, until their sum reaches the threshold.
    fn look(&self, number: usize, order: &[usize], stop: &AtomicBool) -> Worked {
        let mut given = self.roots.given(&self.off[number]);
        let (mut bounds, mut seen) = (self.least.clone(), Vec::new());
        let (mut nodes, mut open, mut best) = (0, 0, Some((0.0, Vec::new())));
        for &k in order {
            if sum_down(bounds.iter().copied()) >= self.threshold {
                break;
            }
            let mut tree = Part::Boxes(given.tree(k, &self.context));
            let left = left_for(k, &bounds, self.threshold);
            tree.advance(left, f64::INFINITY, 1, stop);
            bounds[k] = bounds[k].max(tree.bound());
            seen.push((k, bounds[k]));
            nodes += tree.counts().0;
            open += tree.counts().1;
            best = best.zip(tree.best()).map(|(all, own)| add(all, own));
        }
        let all = seen.len() == order.len();
        Worked {
            choice: Choice {
                bound: sum_down(bounds.iter().copied()),
                number,
                state: State::Seen(bounds),
            },
            nodes,
            best: best.filter(|_| all),
            finished: all && open == 0,
            seen,
        }
    }

    /// Works on the trees of a choice.
    fn work(&self, mut choice: Choice, batch: usize, stop: &AtomicBool) -> Worked {
        let mut part = match choice.state {
            State::Open(part) => *part,
            State::Seen(bounds) => {
                let mut part = self.open_choice(choice.number);
                if let Part::Sum(parts) = &mut part {
                    let known = parts.iter_mut().zip(bounds);
                    known.for_each(|(part, bound)| part.raise(bound));
                }
                part
            }
        };
        let before = part.counts().0;
        let batch_nodes = batch as u64;
        let goal = before + before.clamp(batch_nodes, MOST_NODES_AT_ONCE.max(batch_nodes));
        loop {
            part.advance(self.threshold, f64::INFINITY, batch, stop);
            let (nodes, open) = part.counts();
            let over = open == 0 || part.bound() >= self.threshold;
            if over || nodes >= goal || stop.load(Memory::Relaxed) {
                break;
            }
        }
        choice.bound = choice.bound.max(part.bound());
        let (nodes, open) = part.counts();
        let best = part.best();
        choice.state = State::Open(Box::new(part));
        Worked {
            choice,
            nodes: nodes - before,
            best,
            finished: open == 0,
            seen: Vec::new(),
        }
    }

    /// The number of choices.
    pub fn count(&self) -> usize {
        self.off.len()
    }

    /// What is left to choose, given one of the choices: a sum of trees.
    pub fn open_choice(&self, number: usize) -> Part {
        let off = &self.off[number];
        let mut given = self.roots.given(off);
        let trees = (0..self.roots.count()).map(|k| Part::Boxes(given.tree(k, &self.context)));
        let mut part = Part::Sum(trees.collect());
        if let Some(x) = &self.incumbent
            && off.iter().all(|&i| x[i] == 0.0)
        {
            part.offer(x);
        }
        part
    }
}

/// The sum of two assignments of different inputs.
fn add(mut all: Assignment, own: Assignment) -> Assignment {
    all.0 += own.0;
    all.1.extend(own.1);
    all
}

fn shape(roots: &[Root], off: &[Vec<usize>]) -> Shape {
    let free = |off: &Vec<usize>, root: &Root| {
        let widths = root.cell.widths();
        let used = |k: &usize| widths[*k] > 0.0 && off.binary_search(&root.inputs[*k]).is_err();
        (0..root.inputs.len()).filter(used).count()
    };
    let inputs = (off.first()).and_then(|off| roots.iter().map(|root| free(off, root)).max());
    Shape {
        choices: off.len(),
        inputs: inputs.unwrap_or(0),
        kinks: roots.iter().map(|root| root.network.symbols.len()).sum(),
    }
}
