//! The boxes of a tree over two inputs, kept for a picture: they tile the plane, and their number is limited.

use std::collections::HashMap;

use super::boxes::Node;
use super::cell::{Cell, Domains};

/// At most so many boxes are recorded; what comes of the others is recorded as that of the box around them.
const MOST_BOXES: usize = 4_000;

/// Boxes narrower than this share of the root's sides, both ways, are not recorded either: nobody would see them.
const NARROWEST_SEEN: f64 = 1.0 / 512.0;

/// Lower bounds of the two inputs, then upper bounds.
pub type Rectangle = [f64; 4];

/// What has become of a box.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It waits, or something in it does.
    Open,
    /// Split in parts that are recorded too.
    Split,
    /// No design in it lies below the threshold.
    Pruned,
    /// Too small to split.
    Settled,
}

/// A box of the record.
#[derive(Clone, Copy, Debug)]
pub struct Recorded {
    /// The box as it was handed over.
    pub entered: Rectangle,
    /// What contraction left of it when it was split; all of it if it was not.
    pub kept: Rectangle,
    /// What has become of it.
    pub fate: Fate,
    /// Splits from the root to here, or to the deepest of the boxes that it is recorded for.
    pub depth: u32,
    /// No design in it lies below this.
    pub bound: f64,
    /// The root has 1; a split at a kink, which leaves both parts the whole box, halves it.
    pub weight: f64,
    /// How many nodes in it wait, unless it was split.
    pub waiting: usize,
    /// Nodes that it is recorded for, done with: whether one was too small to split, and the least bound.
    done: (bool, f64),
    /// Whether it is recorded for nodes inside.
    covers: bool,
}

/// The record of one tree.
pub struct Record {
    axes: [usize; 2],
    domains: Domains,
    boxes: Vec<Recorded>,
    /// By the number of a node that waits: what it is recorded as, and its depth.
    open: HashMap<u64, (usize, u32)>,
}

impl Record {
    /// A record that begins with the root; None unless exactly two inputs are free.
    pub fn new(root: &Node, domains: &Domains) -> Option<Self> {
        let widths = root.cell.widths();
        let free: Vec<usize> = (0..widths.len()).filter(|&i| widths[i] > 0.0).collect();
        let mut record = Record {
            axes: free.try_into().ok()?,
            domains: domains.clone(),
            boxes: Vec::new(),
            open: HashMap::new(),
        };
        let entered = record.rectangle(&root.cell);
        record.add(root, entered, 0, 1.0);
        Some(record)
    }

    /// Which inputs of the tree are free.
    pub fn axes(&self) -> [usize; 2] {
        self.axes
    }

    /// The boxes, each behind the one it is a part of; no design from `threshold` on is of interest.
    pub fn boxes(&self, threshold: f64) -> Vec<Recorded> {
        let mut boxes = self.boxes.clone();
        for open in boxes.iter_mut().filter(|b| b.fate == Fate::Open) {
            if open.bound >= threshold {
                (open.fate, open.waiting) = (Fate::Pruned, 0);
            }
        }
        boxes
    }

    /// Notes that a node is done with, and that nothing in it lies below a bound.
    pub fn close(&mut self, number: u64, fate: Fate, bound: f64) {
        let Some((index, _)) = self.open.remove(&number) else {
            return;
        };
        let recorded = &mut self.boxes[index];
        recorded.waiting -= 1;
        recorded.done.0 |= fate == Fate::Settled;
        recorded.done.1 = recorded.done.1.min(bound);
        if recorded.waiting == 0 {
            let settled = recorded.done.0;
            recorded.fate = if settled { Fate::Settled } else { Fate::Pruned };
            recorded.bound = recorded.done.1;
        }
    }

    /// Notes that a node was split.
    pub fn split(&mut self, number: u64, children: &[Node]) {
        let (Some((index, depth)), Some(first)) = (self.open.remove(&number), children.first())
        else {
            return;
        };
        let parts: Vec<Rectangle> = children.iter().map(|c| self.rectangle(&c.cell)).collect();
        let kept = parts.iter().copied().reduce(hull).unwrap_or_default();
        let depth = depth + 1;
        let is_full = self.boxes.len() + children.len() > MOST_BOXES;
        let recorded = self.boxes[index];
        if recorded.covers || is_full || self.is_too_narrow(kept) {
            let recorded = &mut self.boxes[index];
            recorded.covers = true;
            recorded.waiting += children.len() - 1;
            recorded.depth = recorded.depth.max(depth);
            let numbers = children.iter().map(|child| child.number);
            self.open.extend(numbers.map(|n| (n, (index, depth))));
            return;
        }
        self.boxes[index] = Recorded {
            kept,
            fate: Fate::Split,
            bound: first.bound,
            waiting: 0,
            ..recorded
        };
        let whole = parts.iter().filter(|part| **part == kept).count();
        let weight = recorded.weight / whole.max(1) as f64;
        for (child, part) in children.iter().zip(parts) {
            self.add(child, part, depth, weight);
        }
    }

    fn add(&mut self, node: &Node, entered: Rectangle, depth: u32, weight: f64) {
        self.open.insert(node.number, (self.boxes.len(), depth));
        self.boxes.push(Recorded {
            entered,
            kept: entered,
            fate: Fate::Open,
            depth,
            bound: node.bound,
            weight,
            waiting: 1,
            done: (false, f64::INFINITY),
            covers: false,
        });
    }

    /// What a cell covers of the plane: a separate value stands for what lies nearest to it.
    fn rectangle(&self, cell: &Cell) -> Rectangle {
        let [(left, right), (low, high)] = self
            .axes
            .map(|i| self.domains.around(i, cell.lower[i], cell.upper[i]));
        [left, low, right, high]
    }

    fn is_too_narrow(&self, kept: Rectangle) -> bool {
        let root = self.boxes[0].entered;
        (0..2).all(|k| kept[k + 2] - kept[k] < NARROWEST_SEEN * (root[k + 2] - root[k]))
    }
}

/// The smallest rectangle around two.
fn hull(a: Rectangle, b: Rectangle) -> Rectangle {
    [
        a[0].min(b[0]),
        a[1].min(b[1]),
        a[2].max(b[2]),
        a[3].max(b[3]),
    ]
}
