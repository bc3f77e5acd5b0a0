//! A lower bound of the objective on a box by one joint backward pass, its multipliers improved step by step.
//!
//! Whatever the weights of the caps (within their sets), the multipliers of the constraints (not negative) and the
//! slopes of the lines below kinks, the pass gives a form `g.x + c` below the objective wherever the constraints hold:
//! its least value on the box is a bound. Weights and multipliers follow Polyak steps along the supergradient; slopes
//! follow the branch of their kink at the minimiser. Each form also cuts off the part of the box where it already reaches
//! the threshold.

use std::sync::atomic::{AtomicBool, Ordering};

use super::cap::Shape;
use super::cell::{Cell, Domains, Limit};
use super::kinks;
use super::leaf::{self, Leaf};
use super::pass::Pass;
use super::reduced::Reduced;
use super::simplex::End;

/// What a child inherits.
#[derive(Clone, Debug, Default)]
pub struct Multipliers {
    /// The weight of every row of the caps.
    pub weights: Vec<f64>,
    /// The multiplier of every constraint.
    pub demands: Vec<f64>,
}

impl Multipliers {
    /// The neutral start.
    pub fn new(reduced: &Reduced) -> Self {
        let mut weights = vec![0.0; reduced.cap_rows.error.len()];
        for cap in reduced.caps.iter() {
            let start = match cap.shape {
                Shape::Kink(slope) => 0.5 * (1.0 + slope),
                Shape::Norm => 0.0,
                Shape::Largest => 1.0 / cap.count as f64,
            };
            weights[cap.first..][..cap.count].fill(start);
        }
        Multipliers {
            weights,
            demands: vec![0.0; reduced.constraints()],
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
    /// How many multipliers were tried.
    pub steps: usize,
    /// The mean of the minimisers: near the optimum of the relaxation.
    pub minimiser: Vec<f64>,
    /// The best form over `(x, 1)`, its margin taken off.
    pub form: Vec<f64>,
    /// By symbol, the coefficient with which it was eliminated in the best form.
    pub aggregate: Vec<f64>,
}

/// How many steps to take, and how.
#[derive(Clone, Copy, Debug)]
pub struct Steps {
    /// The number of steps.
    pub count: usize,
    /// The number of steps while the bound stays below `near` times the threshold with more than `many` symbols.
    pub few: usize,
    /// See `few`.
    pub near: f64,
    /// See `few`.
    pub many: usize,
    /// The step length is multiplied by this whenever the bound did not improve.
    pub decay: f64,
    /// The share of the last direction that is kept.
    pub momentum: f64,
    /// Relaxations of at most so many symbols are solved to their optimum.
    pub exact: usize,
    /// Kinks are decided where at most this share of the threshold is missing then.
    pub missing: f64,
    /// Pivots for the kinks of one box.
    pub pivots: usize,
    /// There is no objective: a weighted sum of the constraints that is positive all over the box excludes every design.
    pub any_design: bool,
}

/// What does not change from box to box.
pub struct Setting<'a> {
    /// The values that inputs may take.
    pub domains: &'a Domains,
    /// Linear conditions on the inputs.
    pub limits: &'a [Limit],
    /// How to step.
    pub steps: Steps,
    /// Once set, the best bound so far will do.
    pub stop: &'a AtomicBool,
}

/// Bounds the objective on the box, which shrinks to what may still lie below `threshold`.
pub fn bound(
    reduced: &Reduced,
    cell: &mut Cell,
    setting: &Setting<'_>,
    multipliers: &mut Multipliers,
    threshold: f64,
) -> DualBound {
    let steps = setting.steps;
    multipliers.demands.resize(reduced.constraints(), 0.0);
    let mut ascent = Ascent {
        pass: Pass::new(reduced),
        best: DualBound {
            value: f64::NEG_INFINITY,
            pruned: false,
            steps: 0,
            minimiser: vec![0.0; reduced.inputs],
            form: vec![0.0; reduced.base()],
            aggregate: vec![0.0; reduced.symbols.len()],
        },
        multipliers: multipliers.clone(),
        setting,
        threshold,
    };
    // Where the box is nearly a point, a tangent there is nearly exact, with the constraints left out or as they were.
    let mut tangent = ascent.pass.tangent(&cell.centre(), multipliers);
    if tangent.demands.iter().any(|weight| *weight > 0.0) {
        ascent.consider(&tangent, cell);
        tangent.demands.fill(0.0);
    }
    ascent.consider(&tangent, cell);
    ascent.climb(multipliers, cell, steps.count);
    if !ascent.best.pruned && leaf::applies(reduced, setting) {
        ascent.solve(cell);
    }
    *multipliers = ascent.multipliers;
    ascent.best
}

/// The best bound so far, and what it takes to look for a better one.
struct Ascent<'a> {
    pass: Pass<'a>,
    best: DualBound,
    /// Those of the best bound.
    multipliers: Multipliers,
    setting: &'a Setting<'a>,
    threshold: f64,
}

/// What some multipliers came to.
struct Considered {
    value: f64,
    better: bool,
    /// The input that balances the only limit at the minimum.
    balancing: Option<usize>,
}

impl Ascent<'_> {
    /// Bounds with some multipliers, and contracts the box.
    fn consider(&mut self, tried: &Multipliers, cell: &mut Cell) -> Considered {
        let base = self.pass.reduced.base();
        self.best.steps += 1;
        self.pass.run(tried, &[]);
        let form = &mut self.pass.row[..base];
        let (mut margin, mut balancing) = (self.pass.margin, None);
        for limit in self.setting.limits {
            let tightened = limit.tighten(form, cell);
            margin += tightened.margin;
            balancing = tightened.balancing;
        }
        form[base - 1] -= margin;
        let mut value = cell.minimum(form);
        if !value.is_finite() {
            // Something overflowed: nothing is known.
            value = f64::NEG_INFINITY;
        }
        let better = value > self.best.value;
        if better {
            self.best.value = value;
            self.best.form.copy_from_slice(form);
            self.best.aggregate.copy_from_slice(&self.pass.aggregate);
            self.multipliers.clone_from(tried);
        }
        let left = self.threshold - value;
        if value >= self.threshold || !cell.contract(form, left, self.setting.domains) {
            self.best.value = self.threshold;
            self.best.pruned = true;
        }
        Considered {
            value,
            better,
            balancing,
        }
    }

    /// Solves the relaxation to its optimum, and decides kinks where that nearly excludes the box.
    fn solve(&mut self, cell: &mut Cell) {
        let reduced = self.pass.reduced;
        let mut leaf = Leaf::new(reduced, cell, &self.multipliers);
        let end = leaf.maximise(f64::INFINITY, &mut leaf.most_pivots());
        if end == End::TooLong {
            return;
        }
        let weights = leaf.weights(reduced, &self.multipliers);
        self.pass.slopes.copy_from_slice(&weights.slopes);
        self.consider(&weights.multipliers, cell);
        self.best.minimiser = leaf.minimiser(cell);
        if self.best.pruned {
            return;
        }
        let (coefficients, threshold) = (self.best.aggregate.clone(), self.threshold);
        let prove = |leaf: &Leaf| {
            let weights = leaf.weights(reduced, &self.multipliers);
            self.pass.slopes.copy_from_slice(&weights.slopes);
            self.pass.run(&weights.multipliers, &leaf.sides);
            let form = &mut self.pass.row[..reduced.base()];
            form[reduced.inputs] -= self.pass.margin;
            cell.minimum(form) >= threshold
        };
        if kinks::close(
            reduced,
            leaf,
            self.setting.steps,
            &coefficients,
            threshold,
            prove,
        ) {
            self.best.value = threshold;
            self.best.pruned = true;
        }
    }

    /// Polyak steps from some multipliers.
    fn climb(&mut self, multipliers: &mut Multipliers, cell: &mut Cell, mut count: usize) {
        let (reduced, steps, threshold) = (self.pass.reduced, self.setting.steps, self.threshold);
        let weights = multipliers.weights.len();
        let mut direction = vec![0.0; weights + multipliers.demands.len()];
        let mut gradient = Vec::with_capacity(direction.len());
        let (mut length, mut estimate, mut step) = (1.0, f64::INFINITY, 0);
        while step < count && !self.best.pruned && !self.setting.stop.load(Ordering::Relaxed) {
            let Considered {
                value,
                better,
                balancing,
            } = self.consider(multipliers, cell);
            if self.best.pruned {
                return;
            }
            if !better {
                length *= steps.decay;
            }
            step += 1;
            if step == steps.few
                && self.best.value < steps.near * threshold
                && reduced.symbols.len() > steps.many
            {
                count = steps.few;
            }
            let mut point = cell.minimiser(&self.pass.row[..reduced.base()]);
            if let [limit] = self.setting.limits {
                limit.balance(&mut point, cell, balancing);
            }
            for (mean, x) in self.best.minimiser.iter_mut().zip(&point) {
                *mean += (x - *mean) / step as f64;
            }
            self.pass
                .supergradient(&point, &mut gradient, &mut estimate);
            let near = (threshold + 0.02 * threshold.abs())
                .min(estimate.max(value + 0.01 * value.abs() + 1e-9));
            let missing = if steps.any_design || near.is_infinite() {
                gradient[weights..].iter().copied().fold(0.0, f64::max)
            } else {
                near - value
            };
            let reach = length * missing;
            advance(
                reduced,
                multipliers,
                &gradient,
                &mut direction,
                reach,
                steps.momentum,
            );
        }
        let aggregate = &self.best.aggregate;
        if !aggregate.is_empty() && aggregate.iter().all(|q| *q == 0.0) {
            // Nothing came above the bound of no multipliers at all, which tells neither where to split nor where to go on.
            let form = &self.pass.row[..reduced.base()];
            self.best.form.copy_from_slice(form);
            self.best.aggregate.copy_from_slice(&self.pass.aggregate);
            self.multipliers.clone_from(multipliers);
        }
    }
}

/// One projected Polyak step with momentum; `reach` is the step length times the distance to the target value.
fn advance(
    reduced: &Reduced,
    multipliers: &mut Multipliers,
    gradient: &[f64],
    direction: &mut [f64],
    reach: f64,
    momentum: f64,
) {
    let count = multipliers.weights.len();
    let mut norm = 0.0;
    for (d, g) in direction.iter_mut().zip(gradient) {
        *d = g + momentum * *d;
    }
    // Components that would only push against their own side do not count for the length of the step.
    for cap in reduced.caps.iter() {
        for (&at, &d) in multipliers.weights[cap.range()]
            .iter()
            .zip(&direction[cap.range()])
        {
            let held = match cap.shape {
                Shape::Kink(slope) => (at <= slope && d < 0.0) || (at >= 1.0 && d > 0.0),
                Shape::Norm => false,
                Shape::Largest => at <= 0.0 && d < 0.0,
            };
            norm += if held { 0.0 } else { d * d };
        }
    }
    for (at, d) in multipliers.demands.iter().zip(&direction[count..]) {
        norm += if *at <= 0.0 && *d < 0.0 { 0.0 } else { d * d };
    }
    if norm <= 0.0 || !norm.is_finite() || reach <= 0.0 {
        return;
    }
    let factor = reach / norm;
    let (weights, demands) = direction.split_at(count);
    multipliers
        .weights
        .iter_mut()
        .zip(weights)
        .for_each(|(at, d)| *at += factor * d);
    reduced
        .caps
        .iter()
        .for_each(|cap| cap.project(&mut multipliers.weights));
    multipliers
        .demands
        .iter_mut()
        .zip(demands)
        .for_each(|(at, d)| *at = (*at + factor * d).max(0.0));
}
