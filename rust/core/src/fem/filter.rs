//! The cone filter: every density is the weighted mean of the design around it, weights falling linearly to zero at the radius.

use super::grid::Grid;
use crate::bounds::rounding::gamma;

/// A cone filter among the elements of a mask; what lies outside the mask has density zero and no say.
#[derive(Clone, Debug)]
pub struct ConeFilter {
    grid: Grid,
    /// One over the sum of the weights around an element; zero outside the mask.
    scale: Vec<f64>,
    /// Rows and columns away, and the weight.
    cone: Vec<(isize, isize, f64)>,
}

impl ConeFilter {
    /// A filter of a radius in elements; up to 1 it changes nothing.
    pub fn new(grid: Grid, radius: f64, mask: &[bool]) -> Self {
        let reach = radius.max(1.0).ceil() as usize;
        let reach = reach.min(grid.width.max(grid.height)) as isize;
        let offsets = (-reach..=reach).flat_map(|y| (-reach..=reach).map(move |x| (y, x)));
        let cone = offsets
            .map(|(y, x)| (y, x, radius.max(1.0) - (x as f64).hypot(y as f64)))
            .filter(|&(.., weight)| weight > 0.0)
            .collect();
        let mut filter = ConeFilter {
            grid,
            scale: Vec::new(),
            cone,
        };
        let inside: Vec<f64> = mask.iter().map(|&inside| f64::from(inside)).collect();
        let sums = filter.convolve(&inside);
        let scales = inside.iter().zip(sums);
        filter.scale = scales
            .map(|(&inside, sum)| if inside > 0.0 { 1.0 / sum } else { 0.0 })
            .collect();
        filter
    }

    /// The density of a design.
    pub fn apply(&self, design: &[f64]) -> Vec<f64> {
        let masked = self.masked(design);
        let mut density = self.convolve(&masked);
        density
            .iter_mut()
            .zip(&self.scale)
            .for_each(|(value, scale)| *value *= scale);
        density
    }

    /// The transposed filter: carries derivatives by the density back to the design.
    pub fn transpose(&self, field: &[f64]) -> Vec<f64> {
        let scaled: Vec<f64> = field.iter().zip(&self.scale).map(|(a, b)| a * b).collect();
        self.masked(&self.convolve(&scaled))
    }

    /// The grid that it is for.
    pub(super) fn grid(&self) -> Grid {
        self.grid
    }

    /// Rows and columns away, and the weight of those, not yet scaled.
    pub(super) fn cone(&self) -> &[(isize, isize, f64)] {
        &self.cone
    }

    /// What the weights around each element are scaled by; zero outside the mask.
    pub(super) fn scale(&self) -> &[f64] {
        &self.scale
    }

    /// How many elements have a say in a density.
    pub fn reach(&self) -> usize {
        self.cone.len()
    }

    /// A bound on the relative error of what the filter or its transpose gives of numbers that are not negative.
    pub fn margin(&self) -> f64 {
        // A sum over the cone, scaled by one over another.
        2.0 * gamma(self.cone.len())
    }

    fn masked(&self, field: &[f64]) -> Vec<f64> {
        let pairs = field.iter().zip(&self.scale);
        pairs
            .map(|(&value, &scale)| if scale > 0.0 { value } else { 0.0 })
            .collect()
    }

    /// The sum of the field around every element, weighted by the cone.
    fn convolve(&self, field: &[f64]) -> Vec<f64> {
        let Grid { width, height } = self.grid;
        let mut sums = vec![0.0; field.len()];
        for (y, row) in sums.chunks_exact_mut(width).enumerate() {
            for &(down, right, weight) in &self.cone {
                let Some(source) = y.checked_add_signed(down).filter(|&row| row < height) else {
                    continue;
                };
                let shift = right.unsigned_abs();
                let Some(overlap) = width.checked_sub(shift) else {
                    continue;
                };
                let (to, from) = if right < 0 { (shift, 0) } else { (0, shift) };
                let source = &field[source * width + from..][..overlap];
                for (sum, value) in row[to..][..overlap].iter_mut().zip(source) {
                    *sum += weight * value;
                }
            }
        }
        sums
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_inside_are_the_published_ones() {
        let grid = Grid {
            width: 5,
            height: 5,
        };
        let mut design = vec![0.0; 25];
        design[12] = 1.0;
        let density = ConeFilter::new(grid, 2.0, &[true; 25]).apply(&design);
        let diagonal = 2.0 - 2f64.sqrt();
        let sum = 2.0 + 4.0 + 4.0 * diagonal;
        assert!((density[12] - 2.0 / sum).abs() < 1e-15);
        assert!((density[11] - 1.0 / sum).abs() < 1e-15);
        assert!((density[6] - diagonal / sum).abs() < 1e-15);
        assert_eq!(density[10], 0.0);
    }

    #[test]
    fn transpose_is_the_transpose_and_means_are_means() {
        let grid = Grid {
            width: 4,
            height: 3,
        };
        let mask: Vec<bool> = (0..12).map(|e| e % 5 != 3).collect();
        for radius in [0.5, 1.0, 1.5, 2.0, 3.25, 9.0] {
            let filter = ConeFilter::new(grid, radius, &mask);
            let ones = filter.apply(&[1.0; 12]);
            for (value, &inside) in ones.iter().zip(&mask) {
                assert!((value - f64::from(inside)).abs() < 1e-14);
            }
            let a: Vec<f64> = (0..12).map(|e| f64::from((e * 7) % 11)).collect();
            let b: Vec<f64> = (0..12).map(|e| f64::from((e * 5) % 13)).collect();
            let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
            let (left, right) = (dot(&filter.apply(&a), &b), dot(&a, &filter.transpose(&b)));
            assert!((left - right).abs() < 1e-11);
        }
    }
}
