//! One backward pass over a reduced network: caps and symbols are eliminated from the objective plus weighted constraints.

use super::cell::Cell;
use super::dual::Multipliers;
use super::kernel::{accumulate, dots, move_slopes, replace};
use super::lines::Lines;
use super::packed::Side;
use super::reduced::Reduced;

/// A pass, its memory, and what it leaves.
pub struct Pass<'a> {
    /// What is eliminated.
    pub reduced: &'a Reduced,
    /// By symbol, the slope of the line on its free side; of a decided one, the coefficient that its row is to have.
    pub slopes: Vec<f64>,
    /// What is left of the row: its first entries are the form over `(x, 1)`, once `margin` is taken off.
    pub row: Vec<f64>,
    /// What rounding costs.
    pub margin: f64,
    /// By symbol, the coefficient with which it was eliminated; zero for a decided one.
    pub aggregate: Vec<f64>,
    lines: Lines,
    cap_margins: Vec<f64>,
    head: Vec<f64>,
    cap_coefficients: Vec<f64>,
    factors: Vec<f64>,
    values: Vec<f64>,
    cap_values: Vec<f64>,
    cap_sizes: Vec<f64>,
    excesses: Vec<f64>,
}

impl<'a> Pass<'a> {
    /// Of one network.
    pub fn new(reduced: &'a Reduced) -> Self {
        let (symbols, gamma, caps) = (&reduced.symbols, reduced.gamma(), &reduced.cap_rows);
        let cap_margins = caps
            .error
            .iter()
            .zip(&caps.magnitude)
            .map(|(e, m)| e + gamma * m);
        Pass {
            reduced,
            slopes: symbols.iter().map(|s| s.adaptive_slope()).collect(),
            lines: reduced.lines(),
            cap_margins: cap_margins.collect(),
            head: vec![0.0; reduced.head_caps.width],
            cap_coefficients: vec![0.0; reduced.cap_rows.error.len()],
            row: vec![0.0; reduced.width()],
            aggregate: vec![0.0; symbols.len()],
            factors: vec![0.0; symbols.len()],
            margin: 0.0,
            values: Vec::with_capacity(reduced.width()),
            cap_values: vec![0.0; reduced.cap_rows.error.len()],
            cap_sizes: Vec::with_capacity(reduced.caps.len()),
            excesses: vec![0.0; reduced.heads.error.len()],
        }
    }

    /// The weights whose form touches the graph at a point, as far as caps go.
    pub fn tangent(&mut self, point: &[f64], multipliers: &Multipliers) -> Multipliers {
        let values = self.reduced.extend(point, |_, symbol, z| symbol.value(z));
        dots(
            &self.reduced.cap_rows.rows.data,
            &values,
            &mut self.cap_values,
        );
        let mut tangent = multipliers.clone();
        for cap in self.reduced.caps.iter() {
            cap.tangent(&self.cap_values, &mut tangent.weights);
        }
        tangent
    }

    /// Starts from one head.
    fn start(&mut self, head: usize) {
        let heads = &self.reduced.heads;
        self.row.copy_from_slice(heads.rows.row(head));
        let caps = self.reduced.caps_of(head);
        self.head.fill(0.0);
        self.head[..caps.len()].copy_from_slice(caps);
        self.margin = heads.error[head] + self.reduced.gamma() * heads.magnitude[head];
    }

    /// Eliminates caps and symbols from the objective plus the weighted constraints.
    ///
    /// `sides` says which kinks are decided; none are where it is empty.
    pub fn run(&mut self, multipliers: &Multipliers, sides: &[Side]) {
        let reduced = self.reduced;
        self.start(0);
        let gamma = reduced.gamma();
        for (c, &weight) in multipliers.demands.iter().enumerate() {
            if weight > 0.0 {
                let heads = &reduced.heads;
                accumulate(&mut self.row, &[weight], heads.rows.row(c + 1));
                let caps = self.head.iter_mut().zip(reduced.caps_of(c + 1));
                caps.for_each(|(sum, cap)| *sum += weight * cap);
                self.margin += weight * (heads.error[c + 1] + gamma * heads.magnitude[c + 1]);
            }
        }
        self.eliminate(&multipliers.weights, sides);
    }

    fn eliminate(&mut self, weights: &[f64], sides: &[Side]) {
        let (reduced, base) = (self.reduced, self.reduced.base());
        let gamma = reduced.gamma();
        for (cap, &q) in reduced.caps.iter().zip(&self.head) {
            let weights = weights[cap.range()]
                .iter()
                .zip(&self.cap_margins[cap.range()]);
            for (to, (weight, margin)) in self.cap_coefficients[cap.range()].iter_mut().zip(weights)
            {
                *to = q * weight;
                self.margin += to.abs() * margin;
            }
        }
        accumulate(
            &mut self.row,
            &self.cap_coefficients,
            &reduced.cap_rows.rows.data,
        );
        for layer in reduced.layers.iter().rev() {
            let symbols = layer.first..layer.first + layer.rows.count();
            let (before, own) = self.row.split_at_mut(base + layer.first);
            let factors = &mut self.factors[symbols.clone()];
            let (q, mut sums) = (&mut own[..symbols.len()], [0.0; 2]);
            let decided = symbols.clone().zip(sides.iter().skip(layer.first));
            let decided = decided.filter(|(_, side)| **side != Side::Undecided);
            let mut branches = Vec::new();
            for (k, &side) in decided {
                let q = std::mem::take(&mut q[k - layer.first]);
                let above = side == Side::Above;
                let symbol = &reduced.symbols[k];
                let (coefficient, margin) = symbol.branch(above, q, self.slopes[k], gamma);
                branches.push((k - layer.first, coefficient));
                sums[1] += margin;
            }
            replace(
                q,
                &self.lines,
                layer.first,
                &self.slopes,
                factors,
                &mut sums,
            );
            for (place, coefficient) in branches {
                factors[place] = coefficient;
            }
            before[base - 1] += sums[0];
            self.margin += sums[1];
            accumulate(before, factors, &layer.rows.data);
            self.aggregate[symbols].copy_from_slice(q);
        }
    }

    /// The supergradient at a minimiser; also moves the slopes, and lowers `estimate` to the value of the relaxation at
    /// the point, if the constraints hold there.
    pub fn supergradient(&mut self, point: &[f64], gradient: &mut Vec<f64>, estimate: &mut f64) {
        let reduced = self.reduced;
        let values = &mut self.values;
        values.clear();
        values.extend_from_slice(point);
        values.push(1.0);
        for layer in &reduced.layers {
            let symbols = layer.first..layer.first + layer.rows.count();
            let z = &mut self.factors[symbols.clone()];
            dots(&layer.rows.data, values, z);
            let (known, first) = (values.len(), layer.first);
            values.resize(known + symbols.len(), 0.0);
            move_slopes(
                &self.aggregate,
                &self.lines,
                first,
                z,
                &mut self.slopes,
                &mut values[known..],
            );
        }
        dots(&reduced.cap_rows.rows.data, values, &mut self.cap_values);
        gradient.clear();
        for (cap, &q) in reduced.caps.iter().zip(&self.head) {
            gradient.extend(
                self.cap_values[cap.first..][..cap.count]
                    .iter()
                    .map(|r| q * r),
            );
        }
        self.cap_sizes.clear();
        self.cap_sizes
            .extend(reduced.caps.iter().map(|cap| cap.value(&self.cap_values)));
        let (caps, heads) = (&self.cap_sizes, &mut self.excesses);
        dots(&reduced.heads.rows.data, values, heads);
        for (h, head) in heads.iter_mut().enumerate() {
            let coefficients = reduced.caps_of(h).iter();
            *head += coefficients.zip(caps).map(|(q, c)| q * c).sum::<f64>();
        }
        if heads[1..].iter().all(|excess| *excess <= 0.0) {
            *estimate = estimate.min(heads[0]);
        }
        gradient.extend_from_slice(&heads[1..]);
    }
}

/// The form below one constraint alone, its margin taken off, with the weights of a tangent at the centre of the box.
pub fn constraint_forms(
    reduced: &Reduced,
    cell: &Cell,
    multipliers: &Multipliers,
) -> Vec<Vec<f64>> {
    let mut work = Pass::new(reduced);
    let tangent = work.tangent(&cell.centre(), multipliers);
    (1..=reduced.constraints())
        .map(|head| {
            work.start(head);
            work.eliminate(&tangent.weights, &[]);
            let mut form = work.row[..reduced.base()].to_vec();
            form[reduced.inputs] -= work.margin;
            form
        })
        .collect()
}
