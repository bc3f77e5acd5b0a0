//! The lines that stand for the symbols of a reduced network, as arrays over the symbols.

use super::symbol::Symbol;

/// A free slope this near to a branch, as a share of the angle of the kink, moves onto it.
const NEAR: f64 = 0.1;

/// On one side of its kink a symbol is bounded by the chord, on the other by any line between the two branches.
///
/// A form is bounded from below: which line stands for a symbol depends on the sign of its coefficient.
#[derive(Clone, Debug)]
pub struct Lines {
    /// One where positive coefficients take the free line, minus one where negative ones do.
    pub sign: Vec<f64>,
    /// The slope of the chord.
    pub chord: Vec<f64>,
    /// Its constant.
    pub constant: Vec<f64>,
    /// What rounding costs with the chord, for each unit of the coefficient.
    pub chord_margin: Vec<f64>,
    /// The same with a free line.
    pub free_margin: Vec<f64>,
    /// The free slope that leaves the smaller area.
    pub adaptive: Vec<f64>,
    /// The slope of every kink below zero.
    pub below: Vec<f64>,
    /// Free slopes nearer than this to a branch move onto it.
    pub near: Vec<f64>,
    gamma: f64,
}

impl Lines {
    /// The lines of some symbols; `gamma` is the relative margin of the sums that they are used in.
    pub fn new(symbols: &[Symbol], gamma: f64) -> Self {
        let empty = || Vec::with_capacity(symbols.len());
        let mut lines = Lines {
            sign: empty(),
            chord: empty(),
            constant: empty(),
            chord_margin: empty(),
            free_margin: empty(),
            adaptive: empty(),
            below: empty(),
            near: empty(),
            gamma,
        };
        symbols.iter().for_each(|symbol| lines.push(symbol));
        lines
    }

    /// Appends those of one symbol more.
    pub fn push(&mut self, symbol: &Symbol) {
        let (slope, constant) = symbol.chord();
        // Whatever the free slope, it is no steeper than the branches.
        let steepest = symbol.slope.abs().max(1.0);
        self.sign.push(if symbol.convex() { 1.0 } else { -1.0 });
        self.chord.push(slope);
        self.constant.push(constant);
        let margin = |slope, constant| symbol.margin(slope, constant, self.gamma);
        self.chord_margin.push(margin(slope, constant));
        self.free_margin.push(margin(steepest, 0.0));
        self.adaptive.push(symbol.adaptive_slope());
        self.below.push(symbol.slope);
        self.near.push(NEAR * (1.0 - symbol.slope).abs());
    }
}
