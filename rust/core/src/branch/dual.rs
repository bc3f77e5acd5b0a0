//! A lower bound of the objective on a box by one joint backward pass, its multipliers improved step by step.
//!
//! Whatever the slopes of the lower lines (within their range) and the multipliers of the constraints (not negative),
//! the pass gives a form `g.x + c` below the objective wherever the constraints hold: its least value on the box is a
//! bound. The slopes of epigraph symbols and the multipliers follow Polyak steps along the supergradient; the slopes of
//! the other symbols follow the sign of their pre-activation at the minimiser. Each form also cuts off the part of the
//! box where it already reaches the threshold.

use super::reduced::{Reduced, dot};

/// A part of the box narrower than this share of it is not worth a contraction.
const CONTRACTION_SLACK: f64 = 1e-12;

/// What a child inherits: slopes of the epigraph symbols, in order, and multipliers of the constraints.
#[derive(Clone, Debug, Default)]
pub struct Multipliers {
    /// Slopes of the epigraph symbols' lower lines.
    pub slopes: Vec<f64>,
    /// Multipliers of the constraints.
    pub weights: Vec<f64>,
}

impl Multipliers {
    /// The neutral start.
    pub fn new(reduced: &Reduced) -> Self {
        let epigraphs = reduced.symbols.iter().filter(|s| s.epigraph);
        Multipliers {
            slopes: epigraphs.map(|s| s.adaptive_slope()).collect(),
            weights: vec![0.0; reduced.constraints.len()],
        }
    }
}

/// What the steps on one box came to.
#[derive(Clone, Debug)]
pub struct DualBound {
    /// The proved bound, or the threshold if the box has nothing below it.
    pub value: f64,
    /// True if no design of the box lies below the threshold.
    pub pruned: bool,
    /// The mean of the minimisers: near the optimum of the relaxation.
    pub minimiser: Vec<f64>,
    /// Coefficients of the inputs in the best form.
    pub gradient: Vec<f64>,
    /// By symbol, the aggregated coefficient in the best form.
    pub aggregate: Vec<f64>,
}

/// How many steps to take, and how.
#[derive(Clone, Copy, Debug)]
pub struct Steps {
    /// The number of steps.
    pub count: usize,
    /// The number of steps while the bound stays below `near` times the threshold with more than `many` undecided kinks.
    pub few: usize,
    /// See `few`.
    pub near: f64,
    /// See `few`.
    pub many: usize,
    /// The step length is multiplied by this whenever the bound did not improve.
    pub decay: f64,
    /// The share of the last direction that is kept.
    pub momentum: f64,
    /// There is no objective: a weighted sum of the constraints that is positive all over the box excludes every design.
    pub any_design: bool,
}

struct Work<'a> {
    reduced: &'a Reduced,
    epigraphs: Vec<usize>,
    free: Vec<f64>,
    row: Vec<f64>,
    aggregate: Vec<f64>,
    magnitude: f64,
}

/// Bounds the objective on the box; `lower` and `upper` shrink to what may still lie below `threshold`.
pub fn bound(
    reduced: &Reduced,
    lower: &mut [f64],
    upper: &mut [f64],
    integer: &[bool],
    multipliers: &mut Multipliers,
    threshold: f64,
    steps: Steps,
) -> DualBound {
    let inputs = reduced.inputs;
    let mut work = Work::new(reduced);
    let mut best = DualBound {
        value: f64::NEG_INFINITY,
        pruned: false,
        minimiser: vec![0.0; inputs],
        gradient: vec![0.0; inputs],
        aggregate: vec![0.0; reduced.symbols.len()],
    };
    let mut best_multipliers = multipliers.clone();
    let tangent = work.tangent(lower, upper, multipliers);
    let mut direction = vec![0.0; multipliers.slopes.len() + multipliers.weights.len()];
    let (mut length, mut estimate) = (1.0, f64::INFINITY);
    let mut count = steps.count;
    let mut step = 0;
    while step <= count {
        // The tangent at the centre comes first: where the box is nearly a point, it is nearly exact.
        let tried = if step == 0 { &tangent } else { &*multipliers };
        work.pass(tried);
        let value = work.least(lower, upper);
        if value > best.value {
            best.value = value;
            best.gradient.copy_from_slice(&work.row[..inputs]);
            best.aggregate.copy_from_slice(&work.aggregate);
            best_multipliers.clone_from(tried);
        } else {
            length *= steps.decay;
        }
        if value >= threshold
            || !contract(
                &work.row[..inputs],
                threshold - value,
                lower,
                upper,
                integer,
            )
        {
            best.value = threshold;
            best.pruned = true;
            break;
        }
        step += 1;
        if step == 1 {
            continue;
        }
        if step == steps.few && best.value < steps.near * threshold && work.undecided() > steps.many
        {
            count = steps.few;
        }
        let point: Vec<f64> = (0..inputs)
            .map(|i| {
                if work.row[i] >= 0.0 {
                    lower[i]
                } else {
                    upper[i]
                }
            })
            .collect();
        for (mean, x) in best.minimiser.iter_mut().zip(&point) {
            *mean += (x - *mean) / (step - 1) as f64;
        }
        let gradient = work.supergradient(&point, multipliers, &mut estimate);
        let near = (threshold + 0.02 * threshold.abs())
            .min(estimate.max(value + 0.01 * value.abs() + 1e-9));
        let missing = if steps.any_design || near.is_infinite() {
            gradient[multipliers.slopes.len()..]
                .iter()
                .copied()
                .fold(0.0, f64::max)
        } else {
            near - value
        };
        let reach = length * missing;
        advance(
            &work,
            multipliers,
            &gradient,
            &mut direction,
            reach,
            steps.momentum,
        );
    }
    *multipliers = best_multipliers;
    best
}

impl<'a> Work<'a> {
    fn new(reduced: &'a Reduced) -> Self {
        let symbols = &reduced.symbols;
        Work {
            reduced,
            epigraphs: (0..symbols.len())
                .filter(|&k| symbols[k].epigraph)
                .collect(),
            free: symbols.iter().map(|s| s.adaptive_slope()).collect(),
            row: Vec::new(),
            aggregate: vec![0.0; symbols.len()],
            magnitude: 0.0,
        }
    }

    /// The number of kinks that are relaxed from both sides.
    fn undecided(&self) -> usize {
        self.reduced.symbols.len() - self.epigraphs.len()
    }

    /// The multipliers whose form touches the graph at the centre of the box, as far as epigraph symbols go.
    fn tangent(&self, lower: &[f64], upper: &[f64], multipliers: &Multipliers) -> Multipliers {
        let centre: Vec<f64> = lower
            .iter()
            .zip(upper)
            .map(|(l, u)| 0.5 * (l + u))
            .collect();
        let mut slopes = Vec::with_capacity(multipliers.slopes.len());
        self.reduced.extend(&centre, |symbol, z| {
            if symbol.epigraph {
                slopes.push(if z >= 0.0 { 1.0 } else { symbol.slope });
            }
            symbol.value(z)
        });
        Multipliers {
            slopes,
            weights: multipliers.weights.clone(),
        }
    }

    /// Eliminates every symbol from the objective plus the weighted constraints.
    fn pass(&mut self, multipliers: &Multipliers) {
        let (reduced, first) = (self.reduced, self.reduced.inputs + 1);
        for (k, slope) in self.epigraphs.iter().zip(&multipliers.slopes) {
            self.free[*k] = *slope;
        }
        self.row.clone_from(&reduced.objective);
        for (weight, constraint) in multipliers.weights.iter().zip(&reduced.constraints) {
            if *weight > 0.0 {
                for (r, c) in self.row.iter_mut().zip(constraint) {
                    *r += weight * c;
                }
            }
        }
        self.magnitude = 0.0;
        for k in (0..reduced.symbols.len()).rev() {
            let q = self.row[first + k];
            self.aggregate[k] = q;
            if q == 0.0 {
                continue;
            }
            let symbol = &reduced.symbols[k];
            let (slope, offset) = symbol.line(q > 0.0, self.free[k]);
            let factor = q * slope;
            for (r, v) in self.row.iter_mut().zip(&reduced.rows[k]) {
                *r += factor * v;
            }
            self.row[reduced.inputs] += q * offset;
            self.magnitude += q.abs() * (symbol.magnitude * slope.abs().max(1.0) + offset.abs());
        }
    }

    /// The least value of the form on the box, less the rounding margin.
    fn least(&self, lower: &[f64], upper: &[f64]) -> f64 {
        let inputs = self.reduced.inputs;
        let (mut value, mut magnitude) =
            (self.row[inputs], self.magnitude + self.row[inputs].abs());
        for i in 0..inputs {
            let g = self.row[i];
            value += if g >= 0.0 { g * lower[i] } else { g * upper[i] };
            magnitude += g.abs() * lower[i].abs().max(upper[i].abs());
        }
        let chain = self.reduced.roundings + 2.0 * self.row.len() as f64;
        value - chain * f64::EPSILON * magnitude
    }

    /// The supergradient at a minimiser; also moves the slopes that follow signs, and lowers `estimate` to the value of
    /// the relaxation at the point, if the constraints hold there.
    fn supergradient(
        &mut self,
        point: &[f64],
        multipliers: &Multipliers,
        estimate: &mut f64,
    ) -> Vec<f64> {
        let (reduced, first) = (self.reduced, self.reduced.inputs + 1);
        let mut gradient = Vec::with_capacity(multipliers.slopes.len() + multipliers.weights.len());
        let mut values = Vec::with_capacity(first + reduced.symbols.len());
        values.extend_from_slice(point);
        values.push(1.0);
        for (k, (symbol, row)) in reduced.symbols.iter().zip(&reduced.rows).enumerate() {
            let z = dot(row, &values[..row.len()]);
            let q = self.aggregate[k];
            let curved = (q >= 0.0) == (symbol.slope <= 1.0);
            let h = if symbol.epigraph || curved {
                symbol.value(z)
            } else {
                let (slope, offset) = symbol.line(q >= 0.0, 0.0);
                slope * z + offset
            };
            if symbol.epigraph {
                gradient.push(q * z);
            } else if curved {
                let aim = if z > 0.0 { 1.0 } else { symbol.slope };
                let moved = self.free[k] + 0.5 * (aim - self.free[k]);
                self.free[k] = if (moved - aim).abs() < 0.1 * (1.0 - symbol.slope).abs() {
                    aim
                } else {
                    moved
                };
            }
            values.push(h);
        }
        let excess: Vec<f64> = reduced
            .constraints
            .iter()
            .map(|row| dot(row, &values))
            .collect();
        if excess.iter().all(|e| *e <= 0.0) {
            *estimate = estimate.min(dot(&reduced.objective, &values));
        }
        gradient.extend(excess);
        gradient
    }
}

/// One projected Polyak step with momentum; `reach` is the step length times the distance to the target value.
fn advance(
    work: &Work<'_>,
    multipliers: &mut Multipliers,
    gradient: &[f64],
    direction: &mut [f64],
    reach: f64,
    momentum: f64,
) {
    let count = multipliers.slopes.len();
    let ranges: Vec<(f64, f64)> = (work.epigraphs.iter())
        .map(|k| (work.reduced.symbols[*k].slope, 1.0))
        .chain(multipliers.weights.iter().map(|_| (0.0, f64::INFINITY)))
        .collect();
    let mut norm = 0.0;
    for (i, d) in direction.iter_mut().enumerate() {
        *d = gradient[i] + momentum * *d;
        let at = if i < count {
            multipliers.slopes[i]
        } else {
            multipliers.weights[i - count]
        };
        let held = (at <= ranges[i].0 && *d < 0.0) || (at >= ranges[i].1 && *d > 0.0);
        if !held {
            norm += *d * *d;
        }
    }
    if norm <= 0.0 || !norm.is_finite() || reach <= 0.0 {
        return;
    }
    let factor = reach / norm;
    for (i, d) in direction.iter().enumerate() {
        let at = if i < count {
            &mut multipliers.slopes[i]
        } else {
            &mut multipliers.weights[i - count]
        };
        *at = (*at + factor * d).clamp(ranges[i].0, ranges[i].1);
    }
}

/// Cuts off the part of the box where a form whose least value is `slack` below the limit exceeds the limit; false if
/// nothing is left.
pub fn contract(
    gradient: &[f64],
    slack: f64,
    lower: &mut [f64],
    upper: &mut [f64],
    integer: &[bool],
) -> bool {
    if !slack.is_finite() {
        return slack > 0.0;
    }
    if slack < 0.0 {
        return false;
    }
    for i in 0..gradient.len() {
        let (g, width) = (gradient[i], upper[i] - lower[i]);
        if g == 0.0 || slack >= g.abs() * width {
            continue;
        }
        let kept = slack / g.abs() * (1.0 + CONTRACTION_SLACK) + CONTRACTION_SLACK * width;
        if g > 0.0 {
            upper[i] = upper[i].min(lower[i] + kept);
        } else {
            lower[i] = lower[i].max(upper[i] - kept);
        }
        if integer[i] {
            lower[i] = (lower[i] - 1e-9).ceil();
            upper[i] = (upper[i] + 1e-9).floor();
        }
        if lower[i] > upper[i] {
            return false;
        }
    }
    true
}
