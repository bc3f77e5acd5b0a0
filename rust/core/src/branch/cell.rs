//! A box of designs, and the least value of a linear form on it.

use std::sync::Arc;

use crate::bounds::rounding::gamma;
use crate::model::Domain;

/// How far a value may lie from an integer or a catalogue value and still count as it, when a box is rounded inward.
const ALMOST: f64 = 1e-9;

/// A part of a box narrower than this share of it is not worth a contraction.
const CONTRACTION_SLACK: f64 = 1e-12;

/// The values that every input may take, whatever the box.
#[derive(Clone, Debug, PartialEq)]
pub struct Domains(Vec<Arc<Domain>>);

impl Domains {
    /// The domains of a model's inputs.
    pub fn new(domains: &[Domain]) -> Self {
        Domains(domains.iter().map(|d| Arc::new(d.clone())).collect())
    }

    /// The domains of some of the inputs.
    pub fn of(&self, inputs: &[usize]) -> Self {
        Domains(inputs.iter().map(|&i| self.0[i].clone()).collect())
    }

    /// True if the input takes separate values only.
    pub fn is_discrete(&self, input: usize) -> bool {
        !matches!(*self.0[input], Domain::Continuous)
    }

    /// The smallest value of the domain that is not below `value`; infinite if there is none.
    fn ceiling(&self, input: usize, value: f64) -> f64 {
        match &*self.0[input] {
            Domain::Continuous => value,
            Domain::Integer => (value - ALMOST).ceil(),
            Domain::Catalogue(values) => {
                let slack = ALMOST * value.abs().max(1.0);
                let first = values.partition_point(|v| *v < value - slack);
                values.get(first).copied().unwrap_or(f64::INFINITY)
            }
        }
    }

    /// The largest value of the domain that is not above `value`; minus infinity if there is none.
    fn floor(&self, input: usize, value: f64) -> f64 {
        match &*self.0[input] {
            Domain::Continuous => value,
            Domain::Integer => (value + ALMOST).floor(),
            Domain::Catalogue(values) => {
                let slack = ALMOST * value.abs().max(1.0);
                let end = values.partition_point(|v| *v <= value + slack);
                (end.checked_sub(1)).map_or(f64::NEG_INFINITY, |last| values[last])
            }
        }
    }

    /// The value of the domain that is nearest to `value`, in `lower..=upper` whose ends belong to the domain.
    pub fn nearest(&self, input: usize, value: f64, lower: f64, upper: f64) -> f64 {
        let value = value.clamp(lower, upper);
        let (below, above) = (self.floor(input, value), self.ceiling(input, value));
        if value - below <= above - value {
            below.max(lower)
        } else {
            above.min(upper)
        }
    }

    /// The values nearer to one of `lower..=upper` than to any other of the domain.
    pub fn around(&self, input: usize, lower: f64, upper: f64) -> (f64, f64) {
        match &*self.0[input] {
            Domain::Continuous => (lower, upper),
            Domain::Integer => (lower - 0.5, upper + 0.5),
            Domain::Catalogue(values) => {
                let first = values.partition_point(|v| *v < lower);
                let end = values.partition_point(|v| *v <= upper);
                let before = first.checked_sub(1).map_or(lower, |k| values[k]);
                let behind = values.get(end).copied().unwrap_or(upper);
                (0.5 * (before + lower), 0.5 * (upper + behind))
            }
        }
    }

    /// Where `lower..=upper` is split in two: the end of the left part, the beginning of the right one.
    pub fn halves(&self, input: usize, lower: f64, upper: f64) -> Option<(f64, f64)> {
        let middle = 0.5 * (lower + upper);
        match &*self.0[input] {
            Domain::Continuous => (lower < middle && middle < upper).then_some((middle, middle)),
            Domain::Integer => (lower < upper).then(|| (middle.floor(), middle.floor() + 1.0)),
            Domain::Catalogue(values) => {
                let first = values.partition_point(|v| *v < lower);
                let end = values.partition_point(|v| *v <= upper);
                (end > first + 1).then(|| {
                    let half = (first + end) / 2;
                    (values[half - 1], values[half])
                })
            }
        }
    }
}

/// Lower and upper bounds of every input.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    /// The lower bounds.
    pub lower: Vec<f64>,
    /// The upper bounds.
    pub upper: Vec<f64>,
}

impl Cell {
    /// The largest magnitude of every input.
    pub fn reach(&self) -> Vec<f64> {
        let pairs = self.lower.iter().zip(&self.upper);
        pairs.map(|(l, u)| l.abs().max(u.abs())).collect()
    }

    /// The sides.
    pub fn widths(&self) -> Vec<f64> {
        self.lower
            .iter()
            .zip(&self.upper)
            .map(|(l, u)| u - l)
            .collect()
    }

    /// The middle.
    pub fn centre(&self) -> Vec<f64> {
        let pairs = self.lower.iter().zip(&self.upper);
        pairs.map(|(l, u)| 0.5 * (l + u)).collect()
    }

    /// The corner where a form with these coefficients is least.
    fn corner(&self, form: &[f64], input: usize) -> f64 {
        if form[input] >= 0.0 {
            self.lower[input]
        } else {
            self.upper[input]
        }
    }

    /// The least value of a form over `(x, 1)`.
    pub fn minimum(&self, form: &[f64]) -> f64 {
        let inputs = self.lower.len();
        let products = (0..inputs).map(|i| form[i] * self.corner(form, i));
        products.sum::<f64>() + form[inputs]
    }

    /// Where a form is least.
    pub fn minimiser(&self, form: &[f64]) -> Vec<f64> {
        let mut point = vec![0.0; self.lower.len()];
        self.write_minimiser(form, &mut point);
        point
    }

    /// Writes where a form is least.
    pub fn write_minimiser(&self, form: &[f64], point: &mut [f64]) {
        for (i, x) in point[..self.lower.len()].iter_mut().enumerate() {
            *x = self.corner(form, i);
        }
    }

    /// Cuts off the part where a form whose least value is `slack` below a limit exceeds the limit; false if nothing is
    /// left.
    pub fn contract(&mut self, form: &[f64], slack: f64, domains: &Domains) -> bool {
        if !slack.is_finite() {
            // Not a number where something overflowed: nothing is known.
            return slack.is_nan() || slack > 0.0;
        }
        if slack < 0.0 {
            return false;
        }
        for (i, &g) in form[..self.lower.len()].iter().enumerate() {
            let width = self.upper[i] - self.lower[i];
            if g == 0.0 || slack >= g.abs() * width {
                continue;
            }
            let kept = slack / g.abs() * (1.0 + CONTRACTION_SLACK) + CONTRACTION_SLACK * width;
            if g > 0.0 {
                self.upper[i] = domains.floor(i, self.upper[i].min(self.lower[i] + kept));
            } else {
                self.lower[i] = domains.ceiling(i, self.lower[i].max(self.upper[i] - kept));
            }
            if self.lower[i] > self.upper[i] {
                return false;
            }
        }
        true
    }
}

/// A linear condition on the inputs: `form . (x, 1) <= 0`, or `= 0`.
#[derive(Clone, Debug, PartialEq)]
pub struct Limit {
    /// Coefficients and constant.
    pub form: Vec<f64>,
    /// Whether it is an equation.
    pub equation: bool,
    /// What rounding may have cost, in the units of the form.
    pub margin: f64,
}

/// What the best multiplier of a limit makes of a form.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tightened {
    /// The rounding margin of the change.
    pub margin: f64,
    /// The input that balances the limit at the minimum.
    pub balancing: Option<usize>,
}

impl Limit {
    /// Adds the best multiple of the limit to a form: its least value on the box becomes that on the box and the limit.
    ///
    /// The continuous knapsack: start from the corner, and move the inputs that mend the limit in the order of what
    /// they cost. Any multiple of the right sign gives a valid form.
    pub fn tighten(&self, form: &mut [f64], cell: &Cell) -> Tightened {
        let inputs = cell.lower.len();
        let corner = |i: usize| cell.corner(form, i);
        let excess: f64 =
            (0..inputs).map(|i| self.form[i] * corner(i)).sum::<f64>() + self.form[inputs];
        if excess == 0.0 || (excess < 0.0 && !self.equation) {
            return Tightened::default();
        }
        let mut left = excess;
        let mut mending: Vec<(f64, usize)> = (0..inputs)
            .filter(|&i| {
                let other = cell.lower[i] + cell.upper[i] - corner(i);
                self.form[i] * (other - corner(i)) * excess < 0.0
            })
            .map(|i| (form[i].abs() / self.form[i].abs(), i))
            .collect();
        mending.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let mut balancing = None;
        for (_, i) in mending {
            balancing = Some(i);
            left -= excess.signum() * self.form[i].abs() * (cell.upper[i] - cell.lower[i]);
            if left * excess <= 0.0 {
                break;
            }
        }
        let Some(i) = balancing else {
            return Tightened::default();
        };
        let multiple = -form[i] / self.form[i];
        if !multiple.is_finite() || multiple == 0.0 {
            return Tightened {
                margin: 0.0,
                balancing,
            };
        }
        let mut magnitude = (multiple * self.form[inputs]).abs();
        for (k, (f, g)) in form.iter_mut().zip(&self.form).enumerate() {
            *f += multiple * g;
            if k < inputs {
                magnitude += (multiple * g).abs() * cell.lower[k].abs().max(cell.upper[k].abs());
            }
        }
        Tightened {
            margin: gamma(inputs) * magnitude + multiple.abs() * self.margin,
            balancing,
        }
    }

    /// Moves the balancing input of a minimiser to where the limit is met.
    pub fn balance(&self, x: &mut [f64], cell: &Cell, balancing: Option<usize>) {
        if let Some(i) = balancing {
            let inputs = x.len();
            let value: f64 = self
                .form
                .iter()
                .zip(x.iter())
                .map(|(g, x)| g * x)
                .sum::<f64>()
                + self.form[inputs];
            x[i] = (x[i] - value / self.form[i]).clamp(cell.lower[i], cell.upper[i]);
        }
    }

    /// The limit on some of the inputs, the others fixed.
    pub fn restrict(&self, free: &[usize], values: &[f64]) -> Limit {
        let inputs = values.len();
        let mut fixed = self.form[inputs];
        let mut magnitude = fixed.abs();
        for i in (0..inputs).filter(|i| !free.contains(i)) {
            fixed += self.form[i] * values[i];
            magnitude += (self.form[i] * values[i]).abs();
        }
        let mut form: Vec<f64> = free.iter().map(|&i| self.form[i]).collect();
        form.push(fixed);
        Limit {
            form,
            equation: self.equation,
            margin: self.margin + gamma(inputs) * magnitude,
        }
    }

    /// How far a point is from satisfying it.
    pub fn excess(&self, x: &[f64]) -> f64 {
        let value: f64 =
            self.form.iter().zip(x).map(|(g, x)| g * x).sum::<f64>() + self.form[x.len()];
        if self.equation {
            value.abs()
        } else {
            value.max(0.0)
        }
    }

    /// Contracts the box to what the limit leaves; false if nothing is left.
    pub fn propagate(&self, cell: &mut Cell, domains: &Domains) -> bool {
        let reach = cell.reach();
        let magnitude: f64 = self
            .form
            .iter()
            .zip(&reach)
            .map(|(g, r)| (g * r).abs())
            .sum();
        let margin = self.margin + gamma(reach.len()) * (magnitude + self.form[reach.len()].abs());
        let slack = margin - cell.minimum(&self.form);
        if slack < 0.0 || !cell.contract(&self.form, slack, domains) {
            return false;
        }
        if !self.equation {
            return true;
        }
        let opposite: Vec<f64> = self.form.iter().map(|g| -g).collect();
        let slack = margin - cell.minimum(&opposite);
        slack >= 0.0 && cell.contract(&opposite, slack, domains)
    }
}
