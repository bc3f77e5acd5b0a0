//! A small tree over the kinks of one box, from the optimum of its relaxation: cheaper than boxes where little is missing.
//!
//! Each node decides one more kink and goes on with the simplex where its parent ended. Only what proves the whole box to
//! be without a better design is of use: the first leaf that does not ends the search.

use super::dual::Steps;
use super::leaf::Leaf;
use super::packed::Side;
use super::reduced::Reduced;
use super::simplex::End;

/// The simplex aims above the threshold by this share of it, for the margins of the proof.
const ABOVE: f64 = 1e-8;

/// A kink counts for this share of the one that counts most, however little its own coefficient is.
const LEAST_WEIGHT: f64 = 1e-3;

/// Whether every way to decide the kinks of a box leads to a bound at or above the threshold.
///
/// If much of the threshold is missing, boxes are cheaper, and it is not tried. `coefficients` are those with
/// which the symbols were eliminated; `prove` is asked for the proof of each leaf.
pub fn close(
    network: &Reduced,
    leaf: Leaf,
    steps: Steps,
    coefficients: &[f64],
    threshold: f64,
    prove: impl FnMut(&Leaf) -> bool,
) -> bool {
    if leaf.bound() < threshold - steps.missing * threshold.abs() {
        return false;
    }
    let sizes = coefficients.iter().map(|q| q.abs());
    let least = LEAST_WEIGHT * sizes.clone().fold(0.0, f64::max);
    let weights = (network.symbols.iter().zip(sizes))
        .map(|(symbol, size)| size.max(least) * (1.0 - symbol.slope).abs());
    let mut kinks = Kinks {
        weights: weights.collect(),
        enough: threshold + ABOVE * threshold.abs().max(f64::MIN_POSITIVE),
        pivots: steps.pivots,
        prove,
    };
    kinks.close(leaf)
}

struct Kinks<P> {
    /// How much each symbol counts.
    weights: Vec<f64>,
    enough: f64,
    /// Pivots that are left.
    pivots: usize,
    prove: P,
}

impl<P: FnMut(&Leaf) -> bool> Kinks<P> {
    /// Decides one kink more, both ways.
    fn close(&mut self, leaf: Leaf) -> bool {
        let Some(symbol) = self.worst(&leaf) else {
            // It promises a better design.
            return false;
        };
        self.close_side(leaf.clone(), symbol, Side::Above)
            && self.close_side(leaf, symbol, Side::Below)
    }

    fn close_side(&mut self, mut leaf: Leaf, symbol: usize, side: Side) -> bool {
        leaf.decide(symbol, side);
        match leaf.maximise(self.enough, &mut self.pivots) {
            End::Enough => (self.prove)(&leaf),
            End::Optimal => self.close(leaf),
            End::TooLong => false,
        }
    }

    /// The undecided kink that the optimum of the relaxation misses most.
    fn worst(&self, leaf: &Leaf) -> Option<usize> {
        let mut worst = (None, 0.0);
        for (k, (side, weight)) in leaf.sides.iter().zip(&self.weights).enumerate() {
            let missed = weight * leaf.violation(k);
            if *side == Side::Undecided && missed > worst.1 {
                worst = (Some(k), missed);
            }
        }
        worst.0
    }
}
