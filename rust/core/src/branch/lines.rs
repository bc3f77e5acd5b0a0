//! The lines that stand for the symbols of a reduced network, as arrays over the symbols.

use super::reduced::Reduced;
use super::symbol::Line;

/// A free slope this near to a branch, as a share of the angle of the kink, moves onto it.
const NEAR: f64 = 0.1;

/// By the sign of the coefficient (not positive, positive) where there are two.
#[derive(Clone, Debug, Default)]
pub struct Lines {
    /// The slopes; where they are free, the adaptive ones.
    pub slope: [Vec<f64>; 2],
    /// The constants.
    pub constant: [Vec<f64>; 2],
    /// What rounding costs, for each unit of the coefficient.
    pub margin: [Vec<f64>; 2],
    /// One where the slope may be any between those of the two branches, else zero.
    pub free: [Vec<f64>; 2],
    /// The slope of every kink below zero.
    pub below: Vec<f64>,
    /// Free slopes nearer than this to a branch move onto it.
    pub near: Vec<f64>,
}

impl Lines {
    /// The lines of a network.
    pub fn new(reduced: &Reduced) -> Self {
        let (gamma, count) = (reduced.gamma(), reduced.symbols.len());
        let pair = || [Vec::with_capacity(count), Vec::with_capacity(count)];
        let mut lines = Lines {
            slope: pair(),
            constant: pair(),
            margin: pair(),
            free: pair(),
            below: Vec::with_capacity(count),
            near: Vec::with_capacity(count),
        };
        for symbol in &reduced.symbols {
            for (side, line) in Line::both(symbol, gamma).into_iter().enumerate() {
                lines.slope[side].push(line.slope);
                lines.constant[side].push(line.constant);
                lines.margin[side].push(line.margin);
                lines.free[side].push(f64::from(u8::from(line.free)));
            }
            lines.below.push(symbol.slope);
            lines.near.push(NEAR * (1.0 - symbol.slope).abs());
        }
        lines
    }
}
