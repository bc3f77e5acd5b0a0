//! Where a box is split: along the input that is to blame for most of the relaxation's slack.

use super::dual::DualBound;
use super::reduced::Reduced;

/// The share of an input's own term in its score, beside the slack that it causes in the neurons.
const OWN_TERM: f64 = 0.1;

/// The axis to split, the end of the left part and the beginning of the right one; None if the box is too small.
///
/// A continuous axis is bisected; an integer one is split between two neighbours.
pub fn choose(
    network: &Reduced,
    found: &DualBound,
    lower: &[f64],
    upper: &[f64],
    integer: &[bool],
    root_width: &[f64],
    smallest: f64,
) -> Option<(usize, f64, f64)> {
    let width: Vec<f64> = lower.iter().zip(upper).map(|(l, u)| u - l).collect();
    let mut score: Vec<f64> = (0..lower.len())
        .map(|i| OWN_TERM * found.gradient[i].abs() * width[i])
        .collect();
    for (k, symbol) in network.symbols.iter().enumerate() {
        let q = found.aggregate[k];
        if q == 0.0 || symbol.epigraph {
            continue;
        }
        // The largest distance between the kink and the line that stands for it.
        let (low, high, bend) = (symbol.lower, symbol.upper, (1.0 - symbol.slope).abs());
        let chord = (q < 0.0) == (symbol.slope <= 1.0);
        let gap = q.abs()
            * bend
            * if chord {
                -low * high / (high - low)
            } else {
                high.min(-low)
            };
        let share: f64 = network.influence[k]
            .iter()
            .zip(&width)
            .map(|(a, w)| a * w)
            .sum();
        if share > 0.0 {
            for (i, a) in network.influence[k].iter().enumerate() {
                score[i] += gap * a * width[i] / share;
            }
        }
    }
    let splittable = |i: &usize| {
        if integer[*i] {
            width[*i] >= 1.0
        } else {
            width[*i] > smallest * root_width[*i].max(f64::MIN_POSITIVE)
        }
    };
    let axis = (0..lower.len()).filter(splittable).max_by(|&a, &b| {
        let widths = (width[a] / root_width[a]).total_cmp(&(width[b] / root_width[b]));
        score[a].total_cmp(&score[b]).then(widths).then(b.cmp(&a))
    })?;
    let middle = 0.5 * (lower[axis] + upper[axis]);
    if integer[axis] {
        return Some((axis, middle.floor(), middle.floor() + 1.0));
    }
    (lower[axis] < middle && middle < upper[axis]).then_some((axis, middle, middle))
}
