//! Linear forms of the input, and their least values over a box.

use super::rounding::{UNDERFLOW, gamma, or_unbounded_below};

/// Linear forms of the input that lie below (or above) given forms of a node, row after row:
/// `coefficients · x + constant - margin` at least (`+ margin` at most).
#[derive(Clone, Debug, PartialEq)]
pub struct Forms {
    /// The coefficients, `input_size` a row.
    pub coefficients: Vec<f64>,
    /// The constant of every row.
    pub constants: Vec<f64>,
    /// The margin of every row: what rounding may have cost, never negative.
    pub margins: Vec<f64>,
}

impl Forms {
    /// The least value of every row over a box, with the margin taken off; `-inf` where something overflowed.
    pub fn minimum(&self, lower: &[f64], upper: &[f64]) -> Vec<f64> {
        let inputs = lower.len();
        let of_row = |row: usize| {
            let (mut sum, mut size) = (self.constants[row], self.constants[row].abs());
            for (j, &a) in self.coefficients[row * inputs..][..inputs]
                .iter()
                .enumerate()
            {
                if a != 0.0 {
                    sum += a * if a > 0.0 { lower[j] } else { upper[j] };
                    size += a.abs() * lower[j].abs().max(upper[j].abs());
                }
            }
            let margin = self.margins[row] + gamma(inputs) * size + inputs as f64 * UNDERFLOW;
            or_unbounded_below((sum - margin).next_down())
        };
        (0..self.constants.len()).map(of_row).collect()
    }

    /// Turns forms below into forms above the negated rows.
    pub(super) fn negate(mut self) -> Self {
        self.coefficients
            .iter_mut()
            .chain(&mut self.constants)
            .for_each(|value| *value = -*value);
        self
    }
}
