//! What is done with one box: reduce, bound, contract, split.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::account::Account;
use super::boxes::Node;
use super::cell::{Cell, Limit};
use super::derive::Derived;
use super::dual::{self, DualBound, Multipliers, Setting};
use super::packed::Source;
use super::pass::constraint_forms;
use super::reduced::{Kept, Reduced};
use super::split::{self, Split};
use super::vertices;

/// A child keeps a reduced network of its own if it has at most this share of its ancestor's symbols.
const OWN_NETWORK_SHARE: f64 = 0.75;

/// The box is bounded again if contraction left less than this share of its volume.
const WORTH_ANOTHER_ROUND: f64 = 0.6;

/// Rounds of bounding one box.
const ROUNDS: usize = 3;

/// Passes over the constraints in one round.
const PASSES: usize = 4;

/// Boxes whose sides are all narrower than this share of the root's are not split any more.
const SMALLEST_SIDE: f64 = 1e-10;

/// A point may violate a constraint by this much and still be proposed; the search judges it.
const NEARLY: f64 = 1e-9;

/// A value and the point that has it.
pub type Candidate = (f64, Vec<f64>);

/// What evaluating points of a box has shown.
#[derive(Default)]
struct Found {
    /// The best design.
    best: Option<Candidate>,
    /// The reduced network promises a better value than the graph has: what the incumbent excluded on the way to this box
    /// was taken for granted. Its children start again from the whole network.
    phantom: bool,
}

/// A box that was bounded and is to be split.
struct Pending<'a> {
    node: &'a Node,
    /// The network that the node came with.
    known: Arc<Kept>,
    cell: Cell,
    bound: f64,
    multipliers: Multipliers,
    found: DualBound,
}

/// What became of a node.
pub enum Outcome {
    /// Nothing in it lies below the threshold.
    Pruned,
    /// Too small to split; nothing in it lies below the bound.
    Settled(f64),
    /// Split into these.
    Split(Vec<Node>),
    /// Given back as it was.
    Stopped(Node),
}

/// What is common to the nodes of a batch.
pub struct Treatment<'a> {
    /// Values from here on are of no interest.
    pub threshold: f64,
    /// The value of the best design known.
    pub best: f64,
    /// Domains, limits, steps.
    pub setting: Setting<'a>,
    /// The network of the whole box: exact for every design.
    pub root: &'a Arc<Kept>,
    /// The bytes of all networks that wait.
    pub account: &'a Arc<Account>,
    /// The sides of the root box.
    pub root_width: &'a [f64],
    /// Whether to stop.
    pub stop: &'a AtomicBool,
}

impl Treatment<'_> {
    /// Bounds and contracts the box of a node in a few rounds, then splits what is left of it.
    pub fn treat(&self, node: Node) -> (Outcome, Option<Candidate>) {
        let mut cell = node.cell.clone();
        let known = node.network.network(self.root, &cell, self.account);
        let mut derived: Option<Reduced> = None;
        let mut multipliers = Multipliers::clone(&node.multipliers);
        let (mut bound, mut candidate) = (node.bound, Found::default());
        let mut limits = self.setting.limits.to_vec();
        limits.extend(self.cut(&node));
        for round in 1..=ROUNDS {
            let before = self.volume(&cell);
            if !self
                .setting
                .limits
                .iter()
                .all(|limit| limit.propagate(&mut cell, self.setting.domains))
            {
                return (Outcome::Pruned, candidate.best);
            }
            let before_it = derived.take();
            let source = before_it.as_ref().unwrap_or(&known);
            let is_known = round == 1 && node.is_derived;
            let network = if is_known {
                source
            } else {
                match source.derive(&cell, &limits, || self.stop.load(Ordering::Relaxed)) {
                    Derived::Network(network) => &*derived.insert(*network),
                    Derived::Empty => return (Outcome::Pruned, candidate.best),
                    Derived::Stopped => return (Outcome::Stopped(node), candidate.best),
                }
            };
            if !self.hold_constraints(network, &mut cell, &multipliers) {
                return (Outcome::Pruned, candidate.best);
            }
            let found = dual::bound(
                network,
                &mut cell,
                &self.setting,
                &mut multipliers,
                self.threshold,
            );
            let parent = (!is_known).then_some(source);
            self.account.note(parent, network, found.steps);
            bound = bound.max(found.value);
            if found.pruned {
                return (Outcome::Pruned, candidate.best);
            }
            self.better(network, &cell, &cell.centre(), &mut candidate);
            self.better(network, &cell, &found.minimiser, &mut candidate);
            if let Some((value, corner)) = vertices::bound(network, &cell) {
                self.better(network, &cell, &corner, &mut candidate);
                bound = bound.max(value);
                if value >= self.threshold {
                    return (Outcome::Pruned, candidate.best);
                }
            }
            if round < ROUNDS && self.volume(&cell) < WORTH_ANOTHER_ROUND * before {
                continue;
            }
            if candidate.phantom {
                // Without splits at kinks below, the boxes shrink until the graph itself decides.
                let again = Node {
                    cell,
                    bound,
                    network: Source::Kept(self.root.clone()),
                    multipliers: Arc::new(Multipliers::new(self.root)),
                    cut: None,
                    is_derived: false,
                    kink_splits: split::MOST_KINK_SPLITS,
                    number: 0,
                };
                return (Outcome::Split(vec![again]), candidate.best);
            }
            let split = split::choose(
                network,
                &found,
                &cell,
                self.setting.domains,
                self.root_width,
                SMALLEST_SIDE,
                node.kink_splits,
            );
            let Some(split) = split else {
                if self.volume(&cell) < WORTH_ANOTHER_ROUND * before {
                    // The bound is that of a larger box.
                    let again = Node {
                        cell,
                        bound,
                        network: Source::Kept(known),
                        multipliers: Arc::new(multipliers),
                        cut: Some(Arc::new(found.form)),
                        is_derived: false,
                        kink_splits: node.kink_splits,
                        number: 0,
                    };
                    return (Outcome::Split(vec![again]), candidate.best);
                }
                // What is left is nearly a point: does it hold?
                if !self.hold_constraints(network, &mut cell, &multipliers) {
                    return (Outcome::Pruned, candidate.best);
                }
                break;
            };
            let pending = Pending {
                node: &node,
                known,
                cell,
                bound,
                multipliers,
                found,
            };
            let children = self.children(pending, split, derived);
            return (Outcome::Split(children), candidate.best);
        }
        (Outcome::Settled(bound), candidate.best)
    }

    /// What the parent's best form demands of a design below the threshold.
    fn cut(&self, node: &Node) -> Option<Limit> {
        let form = node
            .cut
            .as_ref()
            .filter(|_| self.threshold.is_finite() && !self.setting.steps.any_design)?;
        let mut form = form.to_vec();
        let last = form.len() - 1;
        form[last] -= self.threshold;
        let margin = f64::EPSILON * (form[last].abs() + self.threshold.abs());
        Some(Limit {
            form,
            equation: false,
            margin,
        })
    }

    /// The parts of a box, of whose network the derived one is kept if it is much smaller than the node's own.
    fn children(&self, pending: Pending<'_>, split: Split, derived: Option<Reduced>) -> Vec<Node> {
        let Pending {
            node,
            known,
            cell,
            bound,
            multipliers,
            found,
        } = pending;
        let (multipliers, cut) = (Arc::new(multipliers), Arc::new(found.form));
        let child = |cell: Cell, network: Arc<Kept>, kink_splits: u16| Node {
            cell,
            bound,
            network: Source::Kept(network),
            multipliers: multipliers.clone(),
            cut: Some(cut.clone()),
            is_derived: false,
            kink_splits,
            number: 0,
        };
        match split {
            Split::Kink(symbol) => {
                let parts = derived.as_ref().unwrap_or(&known).split(symbol, &cell);
                let splits = node.kink_splits + 1;
                parts
                    .map(|part| child(cell.clone(), Kept::new(part, self.account), splits))
                    .into()
            }
            Split::Input(axis, left, right) => {
                let few = OWN_NETWORK_SHARE * known.symbols.len() as f64;
                let network = match derived {
                    Some(network) if network.symbols.len() as f64 <= few => {
                        Kept::new(network, self.account)
                    }
                    _ => known,
                };
                let (mut low, mut high) = (cell.clone(), cell);
                (low.upper[axis], high.lower[axis]) = (left, right);
                [low, high]
                    .map(|cell| child(cell, network.clone(), node.kink_splits))
                    .into()
            }
        }
    }

    /// Contracts the box by each constraint alone, again while that still shrinks it; false if one cannot hold in it.
    fn hold_constraints(
        &self,
        network: &Reduced,
        cell: &mut Cell,
        multipliers: &Multipliers,
    ) -> bool {
        if network.constraints() == 0 {
            return true;
        }
        for _ in 0..PASSES {
            let before = self.volume(cell);
            for form in constraint_forms(network, cell, multipliers) {
                let least = cell.minimum(&form);
                if least > 0.0 || !cell.contract(&form, -least, self.setting.domains) {
                    return false;
                }
            }
            if self.volume(cell) > WORTH_ANOTHER_ROUND * before {
                break;
            }
        }
        true
    }

    /// Replaces the candidate by a point of the box, if that is better.
    fn better(&self, network: &Reduced, cell: &Cell, point: &[f64], found: &mut Found) {
        let limits = self.setting.limits;
        let mut x: Vec<f64> = (0..point.len())
            .map(|i| {
                self.setting
                    .domains
                    .nearest(i, point[i], cell.lower[i], cell.upper[i])
            })
            .collect();
        if let [limit] = limits {
            self.repair(limit, &mut x, cell);
        }
        let known = found
            .best
            .as_ref()
            .map_or(self.best, |c| c.0.min(self.best));
        if limits.iter().any(|limit| limit.excess(&x) > NEARLY) {
            return;
        }
        let (promised, violation) = network.evaluate(&x);
        if violation > NEARLY || promised >= known {
            return;
        }
        let (value, violation) = self.root.evaluate(&x);
        if violation <= NEARLY && value < known {
            found.best = Some((value, x));
        } else if value - promised > NEARLY * value.abs().max(1.0) || violation > 2.0 * NEARLY {
            found.phantom = true;
        }
    }

    /// Moves inputs one after another until a limit is met again after rounding.
    fn repair(&self, limit: &Limit, x: &mut [f64], cell: &Cell) {
        for i in 0..x.len() {
            let inputs = x.len();
            let value: f64 = limit
                .form
                .iter()
                .zip(x.iter())
                .map(|(g, x)| g * x)
                .sum::<f64>()
                + limit.form[inputs];
            if value == 0.0 || (value < 0.0 && !limit.equation) {
                return;
            }
            if limit.form[i] != 0.0 {
                let aim = x[i] - value / limit.form[i];
                x[i] = self
                    .setting
                    .domains
                    .nearest(i, aim, cell.lower[i], cell.upper[i]);
            }
        }
    }

    /// The share of the root's volume, fixed inputs left out.
    fn volume(&self, cell: &Cell) -> f64 {
        (cell.widths().iter().zip(self.root_width))
            .filter(|(_, root)| **root > 0.0)
            .map(|(width, root)| (width / root).max(1e-12))
            .product()
    }
}
