//! One box, bounded by itself: from the network of the whole, without anything that a search has found.

use std::sync::atomic::{AtomicBool, Ordering};

use super::Failure;
use crate::branch::boxes::Subject;
use crate::branch::cell::{Cell, Domains};
use crate::branch::derive::Derived;
use crate::branch::dual::{self, DualBound, Multipliers, Setting};
use crate::branch::reduced::Reduced;
use crate::branch::split::{self, Split};
use crate::branch::vertices;

/// Rounds of bounding one box.
const ROUNDS: usize = 3;

/// The box is bounded again if contraction left less than this share of its volume.
const WORTH_ANOTHER_ROUND: f64 = 0.6;

/// Boxes whose sides are all narrower than this share of the whole are given up.
const SMALLEST_SIDE: f64 = 1e-10;

/// A box is proved to a bound higher by this share: on another processor, sums end in other digits.
const HAIR: f64 = 1e-11;

/// What became of a box.
pub enum Verdict {
    /// No design in it lies below the bound.
    Proved,
    /// It was not proved; to be halved along this input.
    Open(usize),
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
    pub fn whole(&self) -> &Cell {
        self.whole
    }

    /// The values that inputs may take.
    pub fn domains(&self) -> &Domains {
        self.setting.domains
    }

    /// Bounds a box; `strictly` demands the bound that is aimed at.
    pub fn look(&self, whole: &Cell, strictly: bool) -> Result<Verdict, Failure> {
        let enough = if strictly { self.aim } else { self.bound };
        let mut cell = whole.clone();
        let mut multipliers = Multipliers::new(&self.network);
        let mut held = None;
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
                Derived::Network(network) => held.insert(network),
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
            if round == ROUNDS || self.volume(&cell) >= WORTH_ANOTHER_ROUND * before {
                return self.axis(network, &found, &cell, whole).map(Verdict::Open);
            }
        }
    }

    /// Cuts off what a constraint alone excludes; false if nothing is left.
    fn hold_constraints(
        &self,
        network: &Reduced,
        cell: &mut Cell,
        multipliers: &Multipliers,
    ) -> bool {
        network.constraints() == 0
            || dual::constraint_forms(network, cell, multipliers)
                .iter()
                .all(|form| {
                    let least = cell.minimum(form);
                    least <= 0.0 && cell.contract(form, -least, self.setting.domains)
                })
    }

    /// The input to blame for most of what is open, else the one whose side is the largest share of the whole.
    fn axis(
        &self,
        network: &Reduced,
        found: &DualBound,
        cell: &Cell,
        whole: &Cell,
    ) -> Result<usize, Failure> {
        let (domains, root) = (self.setting.domains, self.whole.widths());
        let most = split::MOST_KINK_SPLITS;
        let split = split::choose(network, found, cell, domains, &root, SMALLEST_SIDE, most);
        if let Some(Split::Input(axis, _, _)) = split {
            return Ok(axis);
        }
        let share: Vec<f64> = (whole.widths().iter().zip(&root))
            .map(|(width, root)| if *root > 0.0 { width / root } else { 0.0 })
            .collect();
        (0..share.len())
            .filter(|&i| share[i] > SMALLEST_SIDE || domains.is_discrete(i) && share[i] > 0.0)
            .max_by(|&a, &b| share[a].total_cmp(&share[b]).then(b.cmp(&a)))
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
