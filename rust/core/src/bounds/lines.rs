//! The lines that enclose kinks, maxima and norms over the bounds of their source.

use super::Bounds;
use super::interval::length;
use super::rounding::{UNIT_ROUNDOFF, gamma};

/// A line below and a line above every entry of a kink: `slope * z + intercept`.
pub(crate) struct KinkLines {
    pub lower_slope: Vec<f64>,
    pub lower_intercept: Vec<f64>,
    pub upper_slope: Vec<f64>,
    pub upper_intercept: Vec<f64>,
}

impl KinkLines {
    /// The enclosing lines of `kink(z)` for `z` in the given bounds.
    ///
    /// A convex kink (slope at most 1) lies above every line through zero with a slope between its own and 1
    /// and below its chord; a concave one the other way round. `free` chooses the line through zero
    /// (values beyond the two slopes are moved to the nearer); without it the line that encloses the smaller area.
    pub fn new(kink: &[f64], lower: &[f64], upper: &[f64], free: Option<&[f64]>) -> Self {
        let size = kink.len();
        let zeros = || Vec::with_capacity(size);
        let mut lines = KinkLines {
            lower_slope: zeros(),
            lower_intercept: zeros(),
            upper_slope: zeros(),
            upper_intercept: zeros(),
        };
        for i in 0..size {
            let (below, above) = kink_lines(kink[i], lower[i], upper[i], free.map(|free| free[i]));
            lines.lower_slope.push(below.0);
            lines.lower_intercept.push(below.1);
            lines.upper_slope.push(above.0);
            lines.upper_intercept.push(above.1);
        }
        lines
    }
}

/// Slope and intercept.
pub(crate) type Line = (f64, f64);

/// The lines below and above one entry; see [`KinkLines::new`].
pub(crate) fn kink_lines(kink: f64, lower: f64, upper: f64, free: Option<f64>) -> (Line, Line) {
    if lower >= 0.0 || kink == 1.0 {
        return ((1.0, 0.0), (1.0, 0.0));
    }
    // Evaluation rounds kink * z once, but not for a ReLU, a plain line or an absolute value.
    let exact = kink == 0.0 || kink.abs() == 1.0;
    let rounding = if exact {
        0.0
    } else {
        UNIT_ROUNDOFF * 1.01 * (kink * lower).abs() + f64::MIN_POSITIVE
    };
    if upper <= 0.0 {
        return ((kink, -rounding), (kink, rounding));
    }
    let at_lower = kink * lower;
    let chord = (upper - at_lower) / (upper - lower);
    let intercepts = (at_lower - chord * lower, upper - chord * upper);
    let size = at_lower.abs() + upper + chord.abs() * upper.max(-lower);
    let margin = gamma(4) * size + 2.0 * rounding + 4.0 * f64::MIN_POSITIVE;
    let (least, most) = if kink < 1.0 { (kink, 1.0) } else { (1.0, kink) };
    let convex = kink <= 1.0;
    // The area between the line and the kink falls with the slope where the bounds reach farther up than down.
    let steep = (upper > -lower) == convex;
    let slope = free
        .unwrap_or(if steep { most } else { least })
        .clamp(least, most);
    let (below, above) = if convex {
        (
            (slope, -rounding),
            (chord, intercepts.0.max(intercepts.1) + margin),
        )
    } else {
        (
            (chord, intercepts.0.min(intercepts.1) - margin),
            (slope, rounding),
        )
    };
    let values = super::interval::of_kink(lower, upper, kink);
    (finite_or(below, values.0), finite_or(above, values.1))
}

/// The line, or where it overflowed the constant that is sound as well.
fn finite_or(line: Line, constant: f64) -> Line {
    if line.0.is_finite() && line.1.is_finite() {
        line
    } else {
        (0.0, constant)
    }
}

/// A linear form of some source entries below or above one entry of a Max or a Norm.
#[derive(Clone, Debug, Default)]
pub(crate) struct GroupLine {
    pub terms: Vec<(u32, f64)>,
    pub intercept: f64,
}

impl GroupLine {
    fn constant(intercept: f64) -> Self {
        GroupLine {
            terms: Vec::new(),
            intercept,
        }
    }

    fn entry(entry: u32) -> Self {
        GroupLine {
            terms: vec![(entry, 1.0)],
            intercept: 0.0,
        }
    }

    fn is_finite(&self) -> bool {
        self.intercept.is_finite() && self.terms.iter().all(|term| term.1.is_finite())
    }
}

/// The forms that enclose the largest entry of a group, given bounds of the entries.
///
/// Below: the entry with the best lower bound. Above: that entry alone when none can exceed it; else the better at the
/// centre of the bounds of the constant `max upper` and of `z_best + sum of chords of relu(z_j - lower_best)`
/// (sound because `max z <= L + sum relu(z_j - L)` for every L).
pub(crate) fn max_lines(group: &[u32], lower: &[f64], upper: &[f64]) -> (GroupLine, GroupLine) {
    let mut best = group[0];
    for &entry in group {
        if lower[entry as usize] > lower[best as usize] {
            best = entry;
        }
    }
    let level = lower[best as usize];
    let below = GroupLine::entry(best);
    let rivals: Vec<u32> = group
        .iter()
        .copied()
        .filter(|&entry| entry != best && upper[entry as usize] > level)
        .collect();
    if rivals.is_empty() {
        return (below.clone(), below);
    }
    let highest = group.iter().fold(f64::NEG_INFINITY, |highest, &entry| {
        highest.max(upper[entry as usize])
    });
    let mut above = GroupLine::entry(best);
    let centre = |entry: u32| 0.5 * lower[entry as usize] + 0.5 * upper[entry as usize];
    let mut at_centre = centre(best);
    for &entry in &rivals {
        let (l, u) = (lower[entry as usize], upper[entry as usize]);
        let slope = (u - level) / (u - l);
        let size = u.abs() + level.abs() + slope.abs() * l.abs().max(u.abs());
        let intercept =
            (-slope * l).max((u - level) - slope * u) + gamma(4) * size + f64::MIN_POSITIVE;
        above.terms.push((entry, slope));
        above.intercept += intercept;
        // The partial sums of the intercepts are added up with the same care.
        above.intercept += gamma(rivals.len()) * above.intercept.abs();
        at_centre += slope * centre(entry) + intercept;
    }
    if above.is_finite() && at_centre < highest {
        (below, above)
    } else {
        (below, GroupLine::constant(highest))
    }
}

/// The forms that enclose the Euclidean norm of a group, given bounds of the entries.
///
/// Below: `v · z` with a unit vector v towards the centre of the bounds, a supporting form. Above, by
/// `|z| <= (|z|² + r²) / 2r` and the chord of every square, `sum((l + u) z_j - l u) / 2r + r / 2`; the best r for
/// the centre is the root mean square `r² = sum (l² + u²) / 2`.
pub(crate) fn norm_lines(
    group: &[u32],
    node: usize,
    bounds: &Bounds,
    most: f64,
) -> (GroupLine, GroupLine) {
    let (lower, upper) = (&bounds.lower[node], &bounds.upper[node]);
    let ends = || {
        group
            .iter()
            .map(|&j| (j, lower[j as usize], upper[j as usize]))
    };
    let count = group.len();
    // Evaluation computes the norm to this relative error.
    let relative = gamma(count + 4);
    let rounding = relative * most + f64::MIN_POSITIVE;

    let centres: Vec<f64> = ends()
        .map(|(_, lower, upper)| 0.5 * lower + 0.5 * upper)
        .collect();
    let distance = length(&centres);
    let shrink = (1.0 - relative) / distance;
    let below = GroupLine {
        terms: group
            .iter()
            .zip(&centres)
            .map(|(&j, centre)| (j, centre * shrink))
            .collect(),
        intercept: -rounding,
    };
    let below = if distance > 0.0 && below.is_finite() {
        below
    } else {
        GroupLine::constant(0.0)
    };

    let radius = length(
        &ends()
            .flat_map(|(_, lower, upper)| [lower, upper])
            .collect::<Vec<_>>(),
    ) * std::f64::consts::FRAC_1_SQRT_2;
    let mut above = GroupLine::default();
    let (mut sum, mut size) = (0.0, 0.0);
    for (j, lower, upper) in ends() {
        let slope = (0.5 * lower + 0.5 * upper) / radius;
        let product = (lower / radius) * upper;
        sum -= 0.5 * product;
        // The rounding of the slope counts at the farthest value of the entry.
        size += product.abs() + (lower.abs() + upper.abs()) / radius * lower.abs().max(upper.abs());
        above.terms.push((j, slope));
    }
    above.intercept =
        0.5 * radius + sum + gamma(count + 8) * (radius + size) + rounding + f64::MIN_POSITIVE;
    let above = if radius > 0.0 && above.is_finite() {
        above
    } else {
        GroupLine::constant(most)
    };
    (below, above)
}
