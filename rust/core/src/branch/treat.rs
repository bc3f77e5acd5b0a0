//! What is done with one box: reduce, bound, contract, split.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::Node;
use super::dual::{self, Steps};
use super::reduced::{Reduced, minimum};
use super::split;

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
    /// Which inputs are integers.
    pub integer: &'a [bool],
    /// The sides of the root box.
    pub root_width: &'a [f64],
    /// How to improve the multipliers.
    pub steps: Steps,
    /// Whether to stop.
    pub stop: &'a AtomicBool,
}

impl Treatment<'_> {
    /// Bounds and contracts the box of a node in a few rounds, then splits what is left of it.
    pub fn treat(&self, node: Node) -> (Outcome, Option<Candidate>) {
        let (mut lower, mut upper) = (node.lower.clone(), node.upper.clone());
        let (mut network, mut multipliers) = (node.network.clone(), node.multipliers.clone());
        let (mut bound, mut candidate) = (node.bound, None);
        for round in 1..=ROUNDS {
            let before = self.volume(&lower, &upper);
            let Some(derived) =
                network.derive(&lower, &upper, || self.stop.load(Ordering::Relaxed))
            else {
                return (Outcome::Stopped(node), candidate);
            };
            network = Arc::new(derived);
            if !self.hold_constraints(&network, &mut lower, &mut upper) {
                return (Outcome::Pruned, candidate);
            }
            let found = dual::bound(
                &network,
                &mut lower,
                &mut upper,
                self.integer,
                &mut multipliers,
                self.threshold,
                self.steps,
            );
            bound = bound.max(found.value);
            if found.pruned {
                return (Outcome::Pruned, candidate);
            }
            candidate = self.better(&network, &lower, &upper, &found.minimiser, candidate);
            if round < ROUNDS && self.volume(&lower, &upper) < WORTH_ANOTHER_ROUND * before {
                continue;
            }
            let split = split::choose(
                &network,
                &found,
                &lower,
                &upper,
                self.integer,
                self.root_width,
                SMALLEST_SIDE,
            );
            let Some((axis, left, right)) = split else {
                // What is left is nearly a point: does it hold?
                if !self.hold_constraints(&network, &mut lower, &mut upper) {
                    return (Outcome::Pruned, candidate);
                }
                break;
            };
            let own = network.symbols.len() as f64
                <= OWN_NETWORK_SHARE * node.network.symbols.len() as f64;
            let child = |low: f64, high: f64| {
                let mut child = Node {
                    lower: lower.clone(),
                    upper: upper.clone(),
                    bound,
                    network: if own {
                        network.clone()
                    } else {
                        node.network.clone()
                    },
                    multipliers: multipliers.clone(),
                    number: 0,
                };
                (child.lower[axis], child.upper[axis]) = (low, high);
                child
            };
            return (
                Outcome::Split(vec![child(lower[axis], left), child(right, upper[axis])]),
                candidate,
            );
        }
        (Outcome::Settled(bound), candidate)
    }

    /// Contracts the box by each constraint alone, again while that still shrinks it; false if one cannot hold in it.
    fn hold_constraints(&self, network: &Reduced, lower: &mut [f64], upper: &mut [f64]) -> bool {
        for _ in 0..PASSES {
            let before = self.volume(lower, upper);
            if !network
                .constraints
                .iter()
                .all(|row| self.hold(network, row, lower, upper))
            {
                return false;
            }
            if self.volume(lower, upper) > WORTH_ANOTHER_ROUND * before {
                break;
            }
        }
        true
    }

    /// Contracts the box by one constraint; false if it cannot hold in it.
    fn hold(&self, network: &Reduced, row: &[f64], lower: &mut [f64], upper: &mut [f64]) -> bool {
        let (form, substituted) = network.form(row, 1.0);
        let reach: Vec<f64> = lower
            .iter()
            .zip(upper.iter())
            .map(|(l, u)| l.abs().max(u.abs()))
            .collect();
        let magnitude = network.magnitude(row, &reach) + substituted;
        let margin = (network.roundings + row.len() as f64) * f64::EPSILON * magnitude;
        let least = minimum(&form, lower, upper) - margin;
        least <= 0.0 && dual::contract(&form[..lower.len()], -least, lower, upper, self.integer)
    }

    /// The better of a known candidate and the points that suggest themselves in the box, if below the best design.
    fn better(
        &self,
        network: &Reduced,
        lower: &[f64],
        upper: &[f64],
        minimiser: &[f64],
        known: Option<Candidate>,
    ) -> Option<Candidate> {
        let mut found = known;
        let centre = |i: usize| 0.5 * (lower[i] + upper[i]);
        let points: [&dyn Fn(usize) -> f64; 2] = [&centre, &|i| minimiser[i]];
        for point in points {
            let x: Vec<f64> = (0..lower.len())
                .map(|i| point(i).clamp(lower[i], upper[i]))
                .zip(self.integer)
                .map(|(x, integer)| if *integer { x.round() } else { x })
                .collect();
            let (value, violation) = network.evaluate(&x);
            let limit = found.as_ref().map_or(self.best, |f| f.0.min(self.best));
            if violation <= NEARLY && value < limit {
                found = Some((value, x));
            }
        }
        found
    }

    /// The share of the root's volume, fixed inputs left out.
    fn volume(&self, lower: &[f64], upper: &[f64]) -> f64 {
        (lower.iter().zip(upper).zip(self.root_width))
            .filter(|(_, w)| **w > 0.0)
            .map(|((l, u), w)| ((u - l) / w).max(1e-12))
            .product()
    }
}
