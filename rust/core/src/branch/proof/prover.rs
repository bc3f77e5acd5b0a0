//! One box, bounded by itself: from the network of the whole, without anything that a search has found.

use std::sync::atomic::{AtomicBool, Ordering};

use super::Failure;
use crate::branch::boxes::Subject;
use crate::branch::cell::Cell;
use crate::branch::derive::Derived;
use crate::branch::dual::{self, DualBound, Multipliers, Setting};
use crate::branch::pass::constraint_forms;
use crate::branch::reduced::Reduced;
use crate::branch::split::{self, Split};
use crate::branch::vertices;

/// Rounds of bounding one box.
const ROUNDS: usize = 3;

/// The box is bounded again if contraction left less than this share of its volume.
const WORTH_ANOTHER_ROUND: f64 = 0.6;

/// Boxes whose sides are all narrower than this share of the whole are given up.
const SMALLEST_SIDE: f64 = 1e-10;

/// Where contraction left no more than this share of a side, the side is halved first: the halves begin where it ended.
const CONTRACTED: f64 = 0.5;

/// Boxes are halved at no more kinks than this, themselves and what they are part of together.
const MOST_KINKS: u16 = 60;

/// Steps on one box, as a multiple of those in a search, which go on where the last box ended.
const STEPS: usize = 4;

/// A box is proved to a bound higher by this share: on another processor, sums end in other digits.
const HAIR: f64 = 1e-11;

/// A box in which some kinks are decided: a symbol by its number in the whole, and whether it is positive.
#[derive(Clone)]
pub struct Piece {
    /// The box.
    pub cell: Cell,
    /// The kinks.
    pub sides: Vec<(usize, bool)>,
}

/// How a piece is halved.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Halving {
    /// Along an input.
    Input(usize),
    /// At the kink of a symbol of the whole.
    Kink(usize),
}

/// What became of a piece.
pub enum Verdict {
    /// No design in it lies below the bound.
    Proved,
    /// It was not proved; to be halved so.
    Open(Halving),
}

/// Proves boxes of one subject.
pub struct Prover<'a> {
    network: Reduced,
    setting: Setting<'a>,
    whole: &'a Cell,
    /// The bound to be proved, and the one that is aimed at.
    bound: f64,
    aim: f64,
    stop: &'a AtomicBool,
}

impl<'a> Prover<'a> {
    /// A prover of boxes in which no design lies below `bound`; with plus infinity, of boxes without a design.
    pub fn new(subject: Subject<'a>, bound: f64, stop: &'a AtomicBool) -> Self {
        let (mut network, mut setting) = (subject.network.clone(), subject.setting);
        setting.steps.count *= STEPS;
        setting.steps.few = setting.steps.count;
        let (mut aim, mut bound) = (bound + HAIR * bound.abs().max(1.0), bound);
        if bound == f64::INFINITY {
            // A weighted sum of the constraints that is positive all over a box leaves no design in it.
            network.heads.rows.row_mut(0).fill(0.0);
            (network.heads.error[0], network.heads.magnitude[0]) = (0.0, 0.0);
            if network.head_caps.width > 0 {
                network.head_caps.row_mut(0).fill(0.0);
            }
            setting.steps.any_design = true;
            (bound, aim) = (f64::MIN_POSITIVE, f64::MIN_POSITIVE);
        }
        Prover {
            network,
            setting,
            whole: subject.cell,
            bound,
            aim,
            stop,
        }
    }

    /// The whole box.
    pub fn whole(&self) -> Piece {
        Piece {
            cell: self.whole.clone(),
            sides: Vec::new(),
        }
    }

    /// The two halves of a piece: together they hold all its designs.
    pub fn halves(&self, piece: Piece, halving: Halving) -> Result<[Piece; 2], Failure> {
        let mut halves = [piece.clone(), piece];
        match halving {
            Halving::Input(axis) => {
                let cell = &halves[0].cell;
                let domains = self.setting.domains;
                let (left, right) = (axis < cell.lower.len())
                    .then(|| domains.halves(axis, cell.lower[axis], cell.upper[axis]))
                    .flatten()
                    .ok_or_else(|| Failure::from("it halves a box that cannot be halved"))?;
                halves[0].cell.upper[axis] = left;
                halves[1].cell.lower[axis] = right;
            }
            Halving::Kink(symbol) => {
                let full = halves[0].sides.len() >= usize::from(MOST_KINKS);
                if full || symbol >= self.network.symbols.len() {
                    return Err("it halves a box at a kink that is not there".into());
                }
                halves[0].sides.push((symbol, false));
                halves[1].sides.push((symbol, true));
            }
        }
        Ok(halves)
    }

    /// The number of inputs.
    pub fn inputs(&self) -> usize {
        self.network.inputs
    }

    /// Bounds a piece; `strictly` demands the bound that is aimed at.
    pub fn look(&self, piece: &Piece, strictly: bool) -> Result<Verdict, Failure> {
        let enough = if strictly { self.aim } else { self.bound };
        let mut cell = piece.cell.clone();
        let mut held = self.decided(piece);
        let mut multipliers = Multipliers::new(held.as_ref().unwrap_or(&self.network));
        let mut round = 0;
        loop {
            round += 1;
            let before = self.volume(&cell);
            let mut limits = self.setting.limits.iter();
            if !limits.all(|limit| limit.propagate(&mut cell, self.setting.domains)) {
                return Ok(Verdict::Proved);
            }
            let source: &Reduced = held.as_ref().unwrap_or(&self.network);
            let stopped = || self.stop.load(Ordering::Relaxed);
            let network: &Reduced = match source.derive(&cell, self.setting.limits, stopped) {
                Derived::Network(network) => held.insert(*network),
                Derived::Empty => return Ok(Verdict::Proved),
                Derived::Stopped => return Err(Failure::Stopped),
            };
            if !self.hold_constraints(network, &mut cell, &multipliers) {
                return Ok(Verdict::Proved);
            }
            let found = dual::bound(
                network,
                &mut cell,
                &self.setting,
                &mut multipliers,
                self.aim,
            );
            if found.pruned || found.value >= enough {
                return Ok(Verdict::Proved);
            }
            if !self.setting.steps.any_design
                && vertices::bound(network, &cell).is_some_and(|(value, _)| value >= enough)
            {
                return Ok(Verdict::Proved);
            }
            if stopped() {
                return Err(Failure::Stopped);
            }
            if round == ROUNDS || self.volume(&cell) >= WORTH_ANOTHER_ROUND * before {
                return self
                    .halving(network, &found, &cell, piece)
                    .map(Verdict::Open);
            }
        }
    }

    /// The network in which the kinks of a piece are decided; None without any.
    fn decided(&self, piece: &Piece) -> Option<Reduced> {
        let mut network = None;
        for &(symbol, positive) in &piece.sides {
            let source = network.as_ref().unwrap_or(&self.network);
            let [below, above] = source.split(symbol, self.whole);
            network = Some(if positive { above } else { below });
        }
        network
    }

    /// Cuts off what a constraint alone excludes; false if nothing is left.
    fn hold_constraints(
        &self,
        network: &Reduced,
        cell: &mut Cell,
        multipliers: &Multipliers,
    ) -> bool {
        network.constraints() == 0
            || constraint_forms(network, cell, multipliers)
                .iter()
                .all(|form| {
                    let least = cell.minimum(form);
                    least <= 0.0 && cell.contract(form, -least, self.setting.domains)
                })
    }

    /// The kink or the input to blame for most of what is open, else the input whose side is the largest share of all.
    fn halving(
        &self,
        network: &Reduced,
        found: &DualBound,
        cell: &Cell,
        piece: &Piece,
    ) -> Result<Halving, Failure> {
        let (domains, root) = (self.setting.domains, self.whole.widths());
        let (kept, given) = (cell.widths(), piece.cell.widths());
        let contracted = (0..kept.len())
            .filter(|&i| given[i] > 0.0 && kept[i] <= CONTRACTED * given[i])
            .min_by(|&a, &b| (kept[a] / given[a]).total_cmp(&(kept[b] / given[b])));
        if let Some(axis) = contracted {
            return Ok(Halving::Input(axis));
        }
        // What `choose` counts up to its own limit.
        let spare = MOST_KINKS.saturating_sub(piece.sides.len() as u16);
        let splits = split::MOST_KINK_SPLITS.saturating_sub(spare);
        let share = |i: usize| {
            if root[i] > 0.0 {
                given[i] / root[i]
            } else {
                0.0
            }
        };
        let widest = (0..given.len())
            .filter(|&i| share(i) > SMALLEST_SIDE || domains.is_discrete(i) && share(i) > 0.0)
            .max_by(|&a, &b| share(a).total_cmp(&share(b)).then(b.cmp(&a)));
        match split::choose(network, found, cell, domains, &root, SMALLEST_SIDE, splits) {
            Some(Split::Input(axis, _, _)) => return Ok(Halving::Input(axis)),
            Some(Split::Kink(symbol)) => {
                let origin = network.symbols[symbol].origin;
                let mut symbols = self.network.symbols.iter();
                if let Some(symbol) = symbols.position(|symbol| symbol.origin == origin) {
                    return Ok(Halving::Kink(symbol));
                }
            }
            _ => {}
        }
        widest
            .map(Halving::Input)
            .ok_or_else(|| "some designs are as good as the bound, or nearly".into())
    }

    /// The share of the whole volume, fixed inputs left out.
    fn volume(&self, cell: &Cell) -> f64 {
        (cell.widths().iter().zip(self.whole.widths()))
            .filter(|(_, root)| *root > 0.0)
            .map(|(width, root)| (width / root).max(1e-12))
            .product()
    }
}
