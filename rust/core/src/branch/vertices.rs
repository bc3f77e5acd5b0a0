//! A bound where the objective is concave in what is left undecided: its least value is at a corner of the box.
//!
//! With the tail `- sum |q| kink(z)` of the objective and forms above `z` and `-z`, the objective is not below
//! `J(x) - sum |q| max(above(x), slope * below(x))`, a concave function, whatever the rest of the network does. It is
//! much tighter than chords of the kinks, since all of them are read off at the same corner.

use super::cell::Cell;
use super::kernel::Rows;
use super::reduced::Reduced;

/// Up to this many inputs that are not fixed, all corners are looked at.
pub const MOST_INPUTS: usize = 10;

/// The bound and the corner that has it; None where it does not apply.
pub fn bound(network: &Reduced, cell: &Cell) -> Option<(f64, Vec<f64>)> {
    let (base, inputs) = (network.base(), network.inputs);
    let free: Vec<usize> = (0..inputs)
        .filter(|&i| cell.lower[i] < cell.upper[i])
        .collect();
    let tail: Vec<usize> = (0..network.symbols.len())
        .filter(|&k| network.symbols[k].concave_tail)
        .collect();
    if tail.is_empty() || free.len() > MOST_INPUTS || !network.caps.is_empty() {
        return None;
    }
    let mut rest = network.heads.rows.row(0).to_vec();
    let coefficients: Vec<f64> = tail
        .iter()
        .map(|k| std::mem::take(&mut rest[base + k]))
        .collect();
    let mut margin = [network.heads.error[0] + network.gamma() * network.heads.magnitude[0]];
    let mut rest = Rows {
        width: rest.len(),
        data: rest,
    };
    network.eliminate(&mut rest, &mut margin, &network.lines(), None, None);
    let joint = &rest.data[..base];
    let reach = cell.reach();
    let (mut best, mut corner) = (f64::INFINITY, Vec::new());
    // Rounding of the sums below: every term is no larger than its share of this.
    let mut magnitude: f64 = joint
        .iter()
        .zip(reach.iter().chain([&1.0]))
        .map(|(g, r)| (g * r).abs())
        .sum();
    for (place, q) in coefficients.iter().enumerate() {
        let forms = network.tail_forms.row(place);
        let sizes = forms
            .iter()
            .zip(reach.iter().chain([&1.0]).chain(&reach).chain([&1.0]));
        magnitude += q.abs() * sizes.map(|(g, r)| (g * r).abs()).sum::<f64>();
    }
    for number in 0..1_usize << free.len() {
        let mut x = cell.lower.clone();
        for (bit, &i) in free.iter().enumerate() {
            if number >> bit & 1 == 1 {
                x[i] = cell.upper[i];
            }
        }
        let at = |form: &[f64]| -> f64 {
            form.iter().zip(&x).map(|(g, x)| g * x).sum::<f64>() + form[inputs]
        };
        let mut value = at(joint);
        for (place, (&k, q)) in tail.iter().zip(&coefficients).enumerate() {
            let (below, above) = network.tail_forms.row(place).split_at(base);
            let (symbol, above) = (&network.symbols[k], -at(above));
            // A kink grows with z unless its lower slope is negative.
            let lower_branch = if symbol.slope < 0.0 { at(below) } else { above };
            value += q * above.max(symbol.slope * lower_branch);
        }
        if value < best {
            (best, corner) = (value, x);
        }
    }
    let steepest = tail
        .iter()
        .map(|&k| network.symbols[k].slope.abs())
        .fold(1.0, f64::max);
    Some((
        best - margin[0] - network.gamma() * steepest * magnitude,
        corner,
    ))
}
