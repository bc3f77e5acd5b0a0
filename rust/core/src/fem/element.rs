//! The bilinear square element in plane stress, with Young's modulus 1.
//!
//! Its strain energy is a sum of squares. Let `d` be the displacements of the corners, once around. The mean strains are
//!
//! ```text
//! ε_x = (-d₀ + d₂ + d₄ - d₆) / 2    ε_y = (-d₁ - d₃ + d₅ + d₇) / 2    γ = (-d₀ - d₂ + d₄ + d₆ - d₁ + d₃ + d₅ - d₇) / 2
//! ```
//!
//! and the rest of a bilinear displacement is the hourglass `α ξη` in x and `β ξη` in y, `α = d₀ - d₂ + d₄ - d₆`, with ξ and η
//! from the centre. Integrated over the unit square, the mixed terms vanish and
//!
//! ```text
//! dᵀ k d = (1 - ν²)⁻¹ [(1 - ν)(ε_x² + ε_y²) + ν (ε_x + ε_y)² + (1 - ν)/2 γ² + (3 - ν)/24 (α² + β²)].
//! ```
//!
//! So computed, the energy of a rigid motion, however large, is lost neither to cancellation nor below zero.

use crate::bounds::rounding::UNIT_ROUNDOFF;

/// Poisson's ratio.
pub const POISSON: f64 = 0.3;

/// The signs of the displacements in `2 ε_x`, `2 ε_y`, `2 (ε_x + ε_y)`, `2 γ`, `α` and `β`.
pub(super) const MODES: [[f64; 8]; 6] = [
    [-1., 0., 1., 0., 1., 0., -1., 0.],
    [0., -1., 0., -1., 0., 1., 0., 1.],
    [-1., -1., 1., -1., 1., 1., -1., 1.],
    [-1., -1., -1., 1., 1., 1., 1., -1.],
    [1., 0., -1., 0., 1., 0., -1., 0.],
    [0., 1., 0., -1., 0., 1., 0., -1.],
];

/// What the squares of [`MODES`] count.
pub(super) const WEIGHTS: [f64; 6] = {
    let plane = 1.0 / (1.0 - POISSON * POISSON);
    let strain = plane * (1.0 - POISSON) / 4.0;
    let shear = plane * (1.0 - POISSON) / 8.0;
    let hourglass = plane * (3.0 - POISSON) / 24.0;
    [
        strain,
        strain,
        plane * POISSON / 4.0,
        shear,
        hourglass,
        hourglass,
    ]
};

/// The element's stiffness.
pub fn stiffness() -> [[f64; 8]; 8] {
    let entry = |row: usize, column: usize| {
        let parts = MODES.iter().zip(WEIGHTS);
        parts
            .map(|(mode, weight)| weight * mode[row] * mode[column])
            .sum()
    };
    std::array::from_fn(|row| std::array::from_fn(|column| entry(row, column)))
}

/// The energy `dᵀ k d` of displacements of the corners.
pub fn energy(d: &[f64; 8]) -> f64 {
    // Corner by corner: the two diagonals' differences give every mode.
    let (x_down, x_up) = (d[4] - d[0], d[2] - d[6]);
    let (y_down, y_up) = (d[5] - d[1], d[3] - d[7]);
    let (strain_x, strain_y) = (x_down + x_up, y_down - y_up);
    let shear = (x_down - x_up) + (y_down + y_up);
    let hourglass_x = (d[0] - d[2]) + (d[4] - d[6]);
    let hourglass_y = (d[1] - d[3]) + (d[5] - d[7]);
    let both = strain_x + strain_y;
    WEIGHTS[0] * (strain_x * strain_x + strain_y * strain_y)
        + WEIGHTS[2] * (both * both)
        + WEIGHTS[3] * (shear * shear)
        + WEIGHTS[4] * (hourglass_x * hourglass_x + hourglass_y * hourglass_y)
}

/// An upper bound of the energy.
///
/// A mode is a sum of up to eight differences, in two additions after the difference itself, so that it is off by less than
/// `3.1 u A`, with u the unit round-off and A the sum of all sizes of differences, and its square by less than `6.3 u A²`. All
/// six count 0.82 together. The rest, weights included, is a dozen operations on numbers that are not negative.
pub fn energy_above(d: &[f64; 8]) -> f64 {
    let sizes: f64 = [
        (4, 0),
        (2, 6),
        (5, 1),
        (3, 7),
        (0, 2),
        (4, 6),
        (1, 3),
        (5, 7),
    ]
    .map(|(one, other): (usize, usize)| (d[one] - d[other]).abs())
    .iter()
    .sum();
    energy(d) * (1.0 + 32.0 * UNIT_ROUNDOFF) + 8.0 * UNIT_ROUNDOFF * sizes * sizes + 1e-300
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The closed form that is usually printed (Andreassen et al. 2011, "Efficient topology optimization in MATLAB
    /// using 88 lines of code").
    fn closed_form() -> [[f64; 8]; 8] {
        let nu = POISSON;
        let k = [
            0.5 - nu / 6.0,
            0.125 + nu / 8.0,
            -0.25 - nu / 12.0,
            -0.125 + 3.0 * nu / 8.0,
            -0.25 + nu / 12.0,
            -0.125 - nu / 8.0,
            nu / 6.0,
            0.125 - 3.0 * nu / 8.0,
        ];
        let order = [
            [0, 1, 2, 3, 4, 5, 6, 7],
            [1, 0, 7, 6, 5, 4, 3, 2],
            [2, 7, 0, 5, 6, 3, 4, 1],
            [3, 6, 5, 0, 7, 2, 1, 4],
            [4, 5, 6, 7, 0, 1, 2, 3],
            [5, 4, 3, 2, 1, 0, 7, 6],
            [6, 3, 4, 1, 2, 7, 0, 5],
            [7, 2, 1, 4, 3, 6, 5, 0],
        ];
        order.map(|row| row.map(|index: usize| k[index] / (1.0 - nu * nu)))
    }

    #[test]
    fn stiffness_is_the_closed_form() {
        for (row, wanted) in stiffness().iter().zip(closed_form()) {
            for (&entry, wanted) in row.iter().zip(wanted) {
                assert!((entry - wanted).abs() < 1e-15, "{entry} {wanted}");
            }
        }
    }

    #[test]
    fn energy_is_that_of_the_stiffness() {
        let k = closed_form();
        for seed in 0..50u32 {
            let d: [f64; 8] =
                std::array::from_fn(|i| f64::from((seed * 37 + i as u32 * 101) % 89) / 44.0 - 1.0);
            let wanted: f64 = (0..8)
                .map(|i| (0..8).map(|j| d[i] * k[i][j] * d[j]).sum::<f64>())
                .sum();
            assert!((energy(&d) - wanted).abs() < 1e-13);
        }
    }

    #[test]
    fn energy_above_is_above() {
        let place = [[0, 0], [1, 0], [1, 1], [0, 1]];
        for seed in 0..500_i128 {
            // Whole numbers that turn by much more than they deform: all modes are known exactly.
            let turn = (1 << 52) / (seed + 1);
            let exact: [i128; 8] = std::array::from_fn(|i| {
                let [x, y] = place[i / 2];
                [-turn * y, turn * x][i % 2] + (seed * 37 + i as i128 * 101) % 89
            });
            let squares = MODES.iter().zip(WEIGHTS).map(|(mode, weight)| {
                let terms = mode.iter().zip(exact);
                let mode: i128 = terms.map(|(&sign, value)| sign as i128 * value).sum();
                weight * (mode * mode) as f64
            });
            let energy: f64 = squares.sum();
            let above = energy_above(&exact.map(|value| value as f64));
            assert!(above >= energy * (1.0 - 1e-15), "{above} {energy}");
            assert!(above <= energy + 1e-13 * (turn * turn + 100_000) as f64);
        }
    }

    #[test]
    fn rigid_motions_have_no_energy() {
        let place = [[0., 0.], [1., 0.], [1., 1.], [0., 1.]];
        let turned: [f64; 8] = std::array::from_fn(|i| {
            let [x, y] = place[i / 2];
            [1e6 - 0.5 * y, -3e6 + 0.5 * x][i % 2]
        });
        assert_eq!(energy(&turned), 0.0);
    }
}
