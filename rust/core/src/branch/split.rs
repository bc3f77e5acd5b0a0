//! Where a box is split: along the input to blame for most of the relaxation's slack, or at one kink's own border.

use super::cell::{Cell, Domains};
use super::dual::DualBound;
use super::reduced::Reduced;

/// The share of an input's own term in its score, beside the slack that it causes in the neurons.
const OWN_TERM: f64 = 0.1;

/// A box is split at no more kinks than this, itself and its ancestors together.
pub const MOST_KINK_SPLITS: u16 = 60;

/// With so few undecided kinks left, deciding them ends the matter: without any, the relaxation is exact.
const FEW_KINKS: usize = 6;

/// An input whose side is a smaller share of the root's than this part of another's has been split enough for now: what is
/// open may come from the other, whose separate values no slack of a relaxation tells of.
const LAGGING: f64 = 1.0 / 64.0;

/// How a box is split.
pub enum Split {
    /// Along an input: the end of the left part, the beginning of the right one.
    Input(usize, f64, f64),
    /// At the border of a symbol.
    Kink(usize),
}

/// The best split; None if the box is too small.
pub fn choose(
    network: &Reduced,
    found: &DualBound,
    cell: &Cell,
    domains: &Domains,
    root_width: &[f64],
    smallest: f64,
    kink_splits: u16,
) -> Option<Split> {
    let width = cell.widths();
    let mut score: Vec<f64> = (found.form.iter().zip(&width))
        .map(|(g, w)| OWN_TERM * g.abs() * w)
        .collect();
    let (mut worst, mut worst_gap) = (None, 0.0);
    for (k, symbol) in network.symbols.iter().enumerate() {
        let q = found.aggregate[k];
        if q == 0.0 {
            continue;
        }
        // The largest distance between the kink and the line that stands for it.
        let (low, high, bend) = (symbol.lower, symbol.upper, (1.0 - symbol.slope).abs());
        let chord = (q > 0.0) != symbol.convex();
        let gap = q.abs()
            * bend
            * if chord {
                -low * high / (high - low)
            } else {
                high.min(-low)
            };
        if gap > worst_gap {
            (worst, worst_gap) = (Some(k), gap);
        }
        let influence = network.influence.row(k);
        let share: f64 = influence.iter().zip(&width).map(|(a, w)| a * w).sum();
        if share > 0.0 {
            for (i, a) in influence.iter().enumerate() {
                score[i] += gap * a * width[i] / share;
            }
        }
    }
    let splittable = |i: &usize| {
        domains.is_discrete(*i) && width[*i] > 0.0
            || width[*i] > smallest * root_width[*i].max(f64::MIN_POSITIVE)
    };
    let axis = (0..width.len()).filter(splittable).max_by(|&a, &b| {
        let widths = (width[a] / root_width[a]).total_cmp(&(width[b] / root_width[b]));
        score[a].total_cmp(&score[b]).then(widths).then(b.cmp(&a))
    });
    if let Some(k) = worst
        && kink_splits < MOST_KINK_SPLITS
        && (network.symbols.len() <= FEW_KINKS || axis.is_none_or(|axis| worst_gap > score[axis]))
    {
        return Some(Split::Kink(k));
    }
    let share = |i: usize| width[i] / root_width[i];
    let widest = (0..width.len())
        .filter(splittable)
        .max_by(|&a, &b| share(a).total_cmp(&share(b)).then(b.cmp(&a)));
    let axis = axis.map(|axis| {
        widest
            .filter(|&other| share(axis) < LAGGING * share(other))
            .unwrap_or(axis)
    })?;
    let (left, right) = domains.halves(axis, cell.lower[axis], cell.upper[axis])?;
    Some(Split::Input(axis, left, right))
}
