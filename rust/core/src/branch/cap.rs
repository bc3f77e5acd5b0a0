//! Convex functions that enter the objective and the constraints with a plus sign only.

use std::ops::Range;

/// What a cap makes of its rows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Shape {
    /// A kink with this slope below zero, of one row.
    Kink(f64),
    /// The Euclidean norm.
    Norm,
    /// The largest.
    Largest,
}

/// A convex function of some rows of the caps.
#[derive(Clone, Debug, PartialEq)]
pub struct Cap {
    /// The function.
    pub shape: Shape,
    /// Its first row.
    pub first: usize,
    /// The number of its rows.
    pub count: usize,
}

impl Cap {
    /// Its rows.
    pub fn range(&self) -> Range<usize> {
        self.first..self.first + self.count
    }

    /// Its value, from all rows of the caps.
    pub fn value(&self, rows: &[f64]) -> f64 {
        let rows = &rows[self.first..][..self.count];
        match self.shape {
            Shape::Kink(slope) => {
                if rows[0] >= 0.0 {
                    rows[0]
                } else {
                    slope * rows[0]
                }
            }
            Shape::Norm => rows.iter().map(|r| r * r).sum::<f64>().sqrt(),
            Shape::Largest => rows.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        }
    }

    /// Weights with which the rows touch the function at a point.
    pub fn tangent(&self, rows: &[f64], weights: &mut [f64]) {
        let rows = &rows[self.first..][..self.count];
        let weights = &mut weights[self.first..][..self.count];
        match self.shape {
            Shape::Kink(slope) => weights[0] = if rows[0] >= 0.0 { 1.0 } else { slope },
            Shape::Norm => {
                let norm = rows.iter().map(|r| r * r).sum::<f64>().sqrt();
                // A hair shorter than one, so that rounding cannot make the weights longer than a unit vector.
                let factor = if norm > 0.0 {
                    (1.0 - 1e-14) / norm
                } else {
                    0.0
                };
                weights
                    .iter_mut()
                    .zip(rows)
                    .for_each(|(w, r)| *w = factor * r);
            }
            Shape::Largest => {
                let largest =
                    (0..rows.len()).max_by(|&a, &b| rows[a].total_cmp(&rows[b]).then(b.cmp(&a)));
                weights.fill(0.0);
                weights[largest.unwrap_or(0)] = 1.0;
            }
        }
    }

    /// The nearest weights that give a row below the function.
    pub fn project(&self, weights: &mut [f64]) {
        let weights = &mut weights[self.first..][..self.count];
        match self.shape {
            Shape::Kink(slope) => weights[0] = weights[0].clamp(slope, 1.0),
            Shape::Norm => {
                let norm = weights.iter().map(|w| w * w).sum::<f64>().sqrt();
                if norm > 1.0 - 1e-14 {
                    weights.iter_mut().for_each(|w| *w *= (1.0 - 1e-14) / norm);
                }
            }
            Shape::Largest => project_to_simplex(weights),
        }
    }
}

/// The nearest point with non-negative entries that sum to one (Held, Wolfe, Crowder 1974).
fn project_to_simplex(weights: &mut [f64]) {
    let mut sorted = weights.to_vec();
    sorted.sort_unstable_by(|a, b| b.total_cmp(a));
    let (mut sum, mut shift) = (0.0, 0.0);
    for (k, w) in sorted.iter().enumerate() {
        sum += w;
        let candidate = (sum - 1.0) / (k + 1) as f64;
        if *w > candidate {
            shift = candidate;
        }
    }
    weights.iter_mut().for_each(|w| *w = (*w - shift).max(0.0));
    // Where the weights were large, rounding has left more than one, or nothing.
    let sum: f64 = weights.iter().sum();
    if sum > 0.0 && sum.is_finite() {
        weights.iter_mut().for_each(|w| *w /= sum);
    } else {
        weights.fill(1.0 / weights.len() as f64);
    }
}
