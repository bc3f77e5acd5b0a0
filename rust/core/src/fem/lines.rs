//! The cube of a filtered density, bounded from above by lines.
//!
//! With `ρₑ = Σⱼ Fⱼ xⱼ` the density of an element by the design around it,
//!
//! ```text
//! ρₑ³ = Σ Fⱼ³ xⱼ³ + Σ 3 Fⱼ Fₖ (Fⱼ xⱼ² xₖ + Fₖ xⱼ xₖ²) + Σ 6 Fⱼ Fₖ Fₗ xⱼ xₖ xₗ        (all j; all pairs; all triples)
//!     ≤ Σ Fⱼ³ xⱼ + Σ 3 Fⱼ Fₖ (Fⱼ + Fₖ) min(xⱼ, xₖ) + Σ 6 Fⱼ Fₖ Fₗ min(xⱼ, xₖ, xₗ)
//! ```
//!
//! for any design between 0 and 1, because a product of such numbers is at most the least of them. That is the Lovász extension of
//! the cube: the least concave function above it. And a minimum is at most any weighted mean: weights that are positive
//! and sum to one for every pair and triple make it a line, `ρₑ³ ≤ Σⱼ sⱼ xⱼ`, of a sum of slopes of at most one. Near the
//! minimum of some design, weights `exp(-sharpness x)` are good ones.
//!
//! Where the design is the same all around, a line says no more than that the cube is at most the density. At the rim of a bar, it
//! says how little the rim is worth.

use pulp::Arch;

use super::filter::ConeFilter;
use super::grid::Grid;
use crate::bounds::rounding::gamma;

/// A cone of radius 2, of all published tasks, reaches so many elements. The triples of wider ones are too many.
const MOST: usize = 9;

/// At more, the weights of a mean could all be zero in the numbers that there are.
const SHARPEST: f64 = 500.0;

/// Elements that are worked on at once.
const LANES: usize = 8;

/// One number for each of some elements.
type Lanes = [f64; LANES];

/// Lines above the cubes of the densities of a grid.
pub struct CubeLines {
    grid: Grid,
    /// Rows and columns from an element to those around it.
    around: Vec<(isize, isize)>,
    /// By element, and in the order of `around`.
    slopes: Vec<[f64; MOST]>,
}

impl CubeLines {
    /// Lines that are good near a design; nothing if the filter reaches too far, or if it is no design.
    pub fn new(filter: &ConeFilter, design: &[f64], sharpness: f64) -> Option<Self> {
        let between = design.iter().all(|value| (0.0..=1.0).contains(value));
        if !between || !(0.0..=SHARPEST).contains(&sharpness) || filter.cone().len() > MOST {
            return None;
        }
        let mut lines = CubeLines {
            grid: filter.grid(),
            around: filter.cone().iter().map(|&(y, x, _)| (y, x)).collect(),
            slopes: vec![[0.0; MOST]; design.len()],
        };
        Arch::new().dispatch(|| lines.fill(filter, design, sharpness));
        Some(lines)
    }

    /// The lines at a design.
    pub fn apply(&self, design: &[f64]) -> Vec<f64> {
        let mut values = vec![0.0; design.len()];
        self.visit(|element, neighbour, slope| values[element] += slope * design[neighbour]);
        values
    }

    /// The slopes by the design of a sum of lines, each times a number of its element.
    pub fn transpose(&self, field: &[f64]) -> Vec<f64> {
        let mut sums = vec![0.0; field.len()];
        self.visit(|element, neighbour, slope| sums[neighbour] += slope * field[element]);
        sums
    }

    /// A bound on the relative error of the slopes, and of sums of them times numbers that are not negative.
    ///
    /// A slope is a sum of up to 37 products of three weights of the filter, each right to 12 roundings, with a mean's
    /// weight, right to 5: what the exponential is does not matter, as any positive number would do.
    pub fn margin(&self) -> f64 {
        gamma(128)
    }

    fn visit(&self, mut seen: impl FnMut(usize, usize, f64)) {
        for (element, slopes) in self.slopes.iter().enumerate() {
            for (&offset, &slope) in self.around.iter().zip(slopes) {
                if let Some(neighbour) = self.grid.neighbour(element, offset) {
                    seen(element, neighbour, slope);
                }
            }
        }
    }

    #[inline(always)]
    fn fill(&mut self, filter: &ConeFilter, design: &[f64], sharpness: f64) {
        let scale = filter.scale();
        let chunks = self.slopes.chunks_mut(LANES).enumerate();
        for (chunk, slopes) in chunks {
            let mut weights = [[0.0; LANES]; MOST];
            let mut closeness = [[0.0; LANES]; MOST];
            for lane in 0..slopes.len() {
                let element = chunk * LANES + lane;
                let places = filter.cone().iter().map(|&(y, x, weight)| {
                    let neighbour = self.grid.neighbour(element, (y, x));
                    let inside = neighbour.filter(|&neighbour| scale[neighbour] > 0.0);
                    inside.map(|neighbour| (weight * scale[element], design[neighbour]))
                });
                let mut known = [None; MOST];
                places
                    .zip(&mut known)
                    .for_each(|(place, slot)| *slot = place);
                let values = known.iter().flatten().map(|&(_, value)| value);
                let least = values.fold(f64::INFINITY, f64::min);
                for (place, known) in known.into_iter().enumerate() {
                    if let Some((weight, value)) = known {
                        weights[place][lane] = weight;
                        closeness[place][lane] = (-sharpness * (value - least)).exp();
                    }
                }
            }
            let found = slopes_of(&weights, &closeness, self.around.len());
            for (lane, slopes) in slopes.iter_mut().enumerate() {
                *slopes = std::array::from_fn(|place| found[place][lane]);
            }
        }
    }
}

/// The slopes of some lines by the weights of the filter and how much each neighbour counts in the means.
#[inline(always)]
fn slopes_of(weights: &[Lanes; MOST], closeness: &[Lanes; MOST], around: usize) -> [Lanes; MOST] {
    let mut slopes = [[0.0; LANES]; MOST];
    for j in 0..around {
        for lane in 0..LANES {
            slopes[j][lane] += weights[j][lane] * weights[j][lane] * weights[j][lane];
        }
        for k in j + 1..around {
            let mut both = [0.0; LANES];
            for lane in 0..LANES {
                let (a, b) = (weights[j][lane], weights[k][lane]);
                let sum = closeness[j][lane] + closeness[k][lane];
                let share = 3.0 * a * b * (a + b) / sum.max(f64::MIN_POSITIVE);
                slopes[j][lane] += share * closeness[j][lane];
                slopes[k][lane] += share * closeness[k][lane];
                both[lane] = 6.0 * a * b;
            }
            for l in k + 1..around {
                for lane in 0..LANES {
                    let sum = closeness[j][lane] + closeness[k][lane] + closeness[l][lane];
                    let share = both[lane] * weights[l][lane] / sum.max(f64::MIN_POSITIVE);
                    slopes[j][lane] += share * closeness[j][lane];
                    slopes[k][lane] += share * closeness[k][lane];
                    slopes[l][lane] += share * closeness[l][lane];
                }
            }
        }
    }
    slopes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_above_the_cubes() {
        let grid = Grid {
            width: 5,
            height: 4,
        };
        let number = |seed: u32, index: u32| {
            f64::from((seed * 7919 + index * 104_729 + seed * index * 31) % 1009) / 1008.0
        };
        for seed in 0..200 {
            let mask: Vec<bool> = (0..20)
                .map(|index| number(seed, index + 50) < 0.8)
                .collect();
            for radius in [1.0, 1.4, 2.0] {
                let filter = ConeFilter::new(grid, radius, &mask);
                let guide: Vec<f64> = (0..20).map(|index| number(seed, index)).collect();
                let lines = CubeLines::new(&filter, &guide, 40.0 * number(seed, 99));
                let lines = lines.expect("the cone is small");
                for power in [0.2, 1.0, 5.0] {
                    let other = (0..20).map(|index| number(seed, index + 100).powf(power));
                    let design: Vec<f64> = other.collect();
                    let densities = filter.apply(&design);
                    for (line, density) in lines.apply(&design).iter().zip(densities) {
                        assert!(*line >= density.powi(3) * (1.0 - 1e-14));
                    }
                }
                // All full, a line and its cube are one.
                for (line, inside) in lines.apply(&[1.0; 20]).iter().zip(&mask) {
                    assert!((line - f64::from(*inside)).abs() < 1e-14);
                }
                let field: Vec<f64> = (0..20).map(|index| number(seed, index + 200)).collect();
                let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
                let left = dot(&lines.apply(&guide), &field);
                let right = dot(&guide, &lines.transpose(&field));
                assert!((left - right).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn sharp_lines_touch_the_least_concave_function() {
        // Two elements that see each other alike: of the densities' cubes, all but one eighth each is in the pair.
        let grid = Grid {
            width: 2,
            height: 1,
        };
        let filter = ConeFilter::new(grid, 1e9, &[true; 2]);
        let lines = CubeLines::new(&filter, &[0.25, 0.75], 500.0);
        assert!(lines.is_none(), "the cone is wide");
        let filter = ConeFilter::new(grid, 2.0, &[true; 2]);
        let lines = CubeLines::new(&filter, &[0.25, 0.75], 500.0).expect("the cone is small");
        let (own, other) = (2.0 / 3.0_f64, 1.0 / 3.0_f64);
        let pair = 3.0 * own * other * (own + other);
        let wanted = own.powi(3) * 0.25 + other.powi(3) * 0.75 + pair * 0.25;
        assert!((lines.apply(&[0.25, 0.75])[0] - wanted).abs() < 1e-12);
    }

    #[test]
    fn what_is_no_design_has_no_lines() {
        let grid = Grid {
            width: 2,
            height: 1,
        };
        let filter = ConeFilter::new(grid, 2.0, &[true; 2]);
        for (value, sharpness) in [(f64::NAN, 1.0), (1.5, 1.0), (0.5, f64::NAN), (0.5, 1e9)] {
            assert!(CubeLines::new(&filter, &[value, 0.5], sharpness).is_none());
        }
    }
}
