//! The free slopes with which a row was bounded best, kept for the boxes below: a byte for each.
//!
//! Any slope between those of the two branches of a kink gives a line below it (above, where it is concave): what is lost
//! in a byte costs nothing but a little tightness.

use super::symbol::Symbol;

/// The steps between the slopes of the two branches.
const STEPS: f64 = 255.0;

/// Added to a number below it, this leaves the number, rounded, in the last bits of the sum.
const ROUNDER: f64 = (1_u64 << 52) as f64;

/// The branches of symbols, as arrays.
pub struct Branches {
    /// The slope below zero.
    below: Vec<f64>,
    /// Steps for one unit of slope; zero where both branches have the same.
    steps: Vec<f64>,
    /// The difference of slopes that a step makes.
    angle: Vec<f64>,
    /// The slope that leaves the smaller area.
    adaptive: Vec<f64>,
}

impl Branches {
    /// Those of some symbols.
    pub fn new(symbols: &[Symbol]) -> Self {
        let angle = |s: &Symbol| 1.0 - s.slope;
        Branches {
            below: symbols.iter().map(|s| s.slope).collect(),
            steps: (symbols.iter())
                .map(|s| {
                    if angle(s) == 0.0 {
                        0.0
                    } else {
                        STEPS / angle(s)
                    }
                })
                .collect(),
            angle: symbols.iter().map(|s| angle(s) / STEPS).collect(),
            adaptive: symbols.iter().map(Symbol::adaptive_slope).collect(),
        }
    }
}

/// Rows of slopes, all of one width.
#[derive(Clone, Debug, Default)]
pub struct Slopes {
    width: usize,
    steps: Vec<u8>,
}

impl Slopes {
    /// No rows, each of `width` slopes.
    pub fn new(width: usize) -> Self {
        Slopes {
            width,
            steps: Vec::new(),
        }
    }

    /// True if there are no rows.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// Gives back the memory into which the rows did not grow.
    pub fn shrink(&mut self) {
        self.steps.shrink_to_fit();
    }

    /// Bytes taken.
    pub fn bytes(&self) -> usize {
        self.steps.len()
    }

    /// Appends a row: a slope of each symbol.
    pub fn push(&mut self, slopes: &[f64], branches: &Branches) {
        let known = slopes.iter().zip(&branches.below).zip(&branches.steps);
        self.steps.extend(known.map(|((slope, below), steps)| {
            let step = ((slope - below) * steps).clamp(0.0, STEPS);
            // Any byte is a slope, whatever rounding or infinite numbers make of it.
            (step + ROUNDER).to_bits() as u8
        }));
    }

    /// Writes the slopes in a row of the symbols at some places, or their adaptive ones where there are no rows.
    pub fn write(&self, row: usize, places: &[usize], branches: &Branches, slopes: &mut [f64]) {
        if self.is_empty() {
            slopes.copy_from_slice(&branches.adaptive);
            return;
        }
        let steps = &self.steps[row * self.width..][..self.width];
        // Gathered first: the arithmetic then runs in wide registers.
        for (slope, &place) in slopes.iter_mut().zip(places) {
            *slope = f64::from(steps[place]);
        }
        let branches = branches.below.iter().zip(&branches.angle);
        for (slope, (below, angle)) in slopes.iter_mut().zip(branches) {
            let step = *slope;
            // The last step is the branch itself, to the last digit.
            *slope = if step == STEPS {
                1.0
            } else {
                below + step * angle
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slopes_stay_between_the_branches() {
        let symbols: Vec<Symbol> = [0.0, 0.01, 0.3, 1.0, -1.0, 2.5, -0.7]
            .iter()
            .map(|&slope| Symbol {
                slope,
                lower: -1.0,
                upper: 2.0,
                error: 0.0,
                magnitude: 2.0,
                origin: 0,
                concave_tail: false,
            })
            .collect();
        let (branches, count) = (Branches::new(&symbols), symbols.len());
        let places: Vec<usize> = (0..count).collect();
        for share in [-1.0, 0.0, 0.2, 0.5, 0.998, 1.0, 7.0, f64::NAN] {
            let given: Vec<f64> = (symbols.iter())
                .map(|s| s.slope + share * (1.0 - s.slope))
                .collect();
            let (mut kept, mut back) = (Slopes::new(count), vec![0.0; count]);
            kept.push(&given, &branches);
            kept.write(0, &places, &branches, &mut back);
            for ((symbol, given), back) in symbols.iter().zip(&given).zip(&back) {
                let (low, high) = (symbol.slope.min(1.0), symbol.slope.max(1.0));
                assert!(low <= *back && *back <= high, "{given} became {back}");
                if low <= *given && *given <= high {
                    assert!((given - back).abs() <= (high - low) / STEPS);
                }
            }
        }
    }
}
