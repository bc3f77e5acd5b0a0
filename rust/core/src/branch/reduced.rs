//! The reduced network of a box: what is left of a graph when every decided kink is replaced by its branch.
//!
//! A symbol `h` stands for one undecided kink entry, `h = z` where `z >= 0` and `slope * z` elsewhere. Its `z`, the
//! objective and the constraints are rows over `(x, 1, earlier symbols)`. Nothing is relaxed: on its box the reduced
//! network equals the graph. A child box derives its own from its parent's, never from the weights, which is what makes
//! boxes cheap.

use crate::bounds::Bounds;
use crate::graph::{Graph, Operation};

/// One undecided kink entry.
#[derive(Clone, Debug)]
pub struct Symbol {
    /// The slope below zero.
    pub slope: f64,
    /// Proved bounds of `z` on the box; infinite for an epigraph symbol.
    pub lower: f64,
    /// See `lower`.
    pub upper: f64,
    /// Convex and only ever minimised: the relaxation needs it from below alone, where no bounds of `z` enter.
    pub epigraph: bool,
    /// Magnitude of the terms that `z` is summed from, for the rounding margin.
    pub magnitude: f64,
}

impl Symbol {
    /// A line `(slope, constant)` below (`from_below`) or above the kink on `[lower, upper]`; `free` is the slope where
    /// the kink itself leaves the choice.
    pub fn line(&self, from_below: bool, free: f64) -> (f64, f64) {
        if from_below == (self.slope <= 1.0) {
            return (free, 0.0);
        }
        let chord = (self.upper - self.slope * self.lower) / (self.upper - self.lower);
        (chord, self.upper * (1.0 - chord))
    }

    /// The free slope that leaves the smaller area: the branch of the longer side.
    pub fn adaptive_slope(&self) -> f64 {
        if self.epigraph {
            return 0.5 * (1.0 + self.slope);
        }
        if self.upper > -self.lower {
            1.0
        } else {
            self.slope
        }
    }

    /// The value of the kink itself.
    pub fn value(&self, z: f64) -> f64 {
        if z >= 0.0 { z } else { self.slope * z }
    }

    /// The largest magnitude of `h` on the box.
    fn reach(&self) -> f64 {
        (self.upper.abs())
            .max((self.slope * self.lower).abs())
            .max(self.lower.abs())
    }
}

/// Rows over `(x, 1, symbols)`; see the module.
#[derive(Clone, Debug)]
pub struct Reduced {
    /// The number of design variables.
    pub inputs: usize,
    /// The undecided kinks, in topological order.
    pub symbols: Vec<Symbol>,
    /// Where each group of symbols that do not depend on one another begins; the last entry is the number of symbols.
    pub groups: Vec<usize>,
    /// The row of `z` of every symbol; a row ends with the last symbol before its group.
    pub rows: Vec<Vec<f64>>,
    /// The row of the objective.
    pub objective: Vec<f64>,
    /// Rows that must be at most zero.
    pub constraints: Vec<Vec<f64>>,
    /// By symbol, the mean magnitude of the input coefficients of its two substituted forms (empty for epigraphs).
    pub influence: Vec<Vec<f64>>,
    /// Roundings on the longest chain of operations behind a coefficient.
    pub roundings: f64,
}

/// Why a graph cannot be reduced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsupported(pub String);

impl Reduced {
    /// The reduced network of the whole box on which `bounds` were proved.
    ///
    /// `constraints` names entries of nodes with the side they must stay on: `(node, entry, sign, limit)` means
    /// `sign * value <= limit`.
    pub fn build(
        graph: &Graph,
        bounds: &Bounds,
        objective: Option<usize>,
        constraints: &[(usize, usize, f64, f64)],
    ) -> Result<Self, Unsupported> {
        let inputs = graph.input_size();
        let mut needed = vec![false; graph.nodes().len()];
        for node in constraints.iter().map(|c| c.0).chain(objective) {
            for (flag, also) in needed.iter_mut().zip(graph.ancestors(node)) {
                *flag |= also;
            }
        }
        let mut reduced = Reduced {
            inputs,
            symbols: Vec::new(),
            groups: vec![0],
            rows: Vec::new(),
            objective: vec![0.0; inputs + 1],
            constraints: Vec::new(),
            influence: Vec::new(),
            roundings: 2.0,
        };
        let mut values: Vec<Vec<Vec<f64>>> = vec![Vec::new(); graph.nodes().len()];
        for (index, node) in graph.nodes().iter().enumerate() {
            if !needed[index] {
                continue;
            }
            values[index] = match &node.operation {
                Operation::Input => (0..inputs).map(|i| unit(i, inputs + 1)).collect(),
                Operation::Affine { terms, bias } => {
                    let mut rows: Vec<Vec<f64>> =
                        bias.iter().map(|&b| constant(inputs, b)).collect();
                    for (source, matrix) in terms {
                        for (entry, row) in rows.iter_mut().enumerate() {
                            matrix.visit_row(entry, |column, weight| {
                                add(row, weight, &values[*source][column])
                            });
                        }
                        reduced.roundings += matrix.longest_row() as f64 + 2.0;
                    }
                    rows
                }
                Operation::Kink { source, slopes } => {
                    let (low, high) = (&bounds.lower[*source], &bounds.upper[*source]);
                    let rows = std::mem::take(&mut values[*source]);
                    let outputs = (rows.iter().enumerate())
                        .map(|(i, row)| reduced.kink(row, slopes[i], low[i], high[i]))
                        .collect();
                    reduced.groups.push(reduced.symbols.len());
                    values[*source] = rows;
                    outputs
                }
                Operation::Max { source, groups } => {
                    let (low, high) = (&bounds.lower[*source], &bounds.upper[*source]);
                    let rows = std::mem::take(&mut values[*source]);
                    let outputs = groups
                        .iter()
                        .map(|group| reduced.maximum(group, &rows, low, high))
                        .collect();
                    values[*source] = rows;
                    outputs
                }
                Operation::Norm { .. } => {
                    return Err(Unsupported(
                        "a Euclidean norm is not piecewise linear".into(),
                    ));
                }
            };
        }
        if let Some(node) = objective {
            reduced.objective = values[node][0].clone();
        }
        for &(node, entry, sign, limit) in constraints {
            let mut row: Vec<f64> = values[node][entry].iter().map(|v| sign * v).collect();
            row[inputs] -= limit;
            reduced.constraints.push(row);
        }
        reduced.finish();
        Ok(reduced)
    }

    /// Adds the kink of a row, and returns the row of its value.
    fn kink(&mut self, row: &[f64], slope: f64, lower: f64, upper: f64) -> Vec<f64> {
        if lower >= 0.0 || upper <= 0.0 || slope == 1.0 {
            let factor = if lower >= 0.0 { 1.0 } else { slope };
            return row.iter().map(|v| factor * v).collect();
        }
        self.symbols.push(Symbol {
            slope,
            lower,
            upper,
            epigraph: false,
            magnitude: 0.0,
        });
        self.rows.push(row.to_vec());
        let width = self.inputs + 1 + self.symbols.len();
        unit(width - 1, width)
    }

    /// The largest of some rows, as `m + relu(z - m)` one after another; entries that can never be largest are left out.
    fn maximum(
        &mut self,
        group: &[u32],
        rows: &[Vec<f64>],
        lower: &[f64],
        upper: &[f64],
    ) -> Vec<f64> {
        let floor = group
            .iter()
            .map(|&i| lower[i as usize])
            .fold(f64::NEG_INFINITY, f64::max);
        let mut kept = group
            .iter()
            .map(|&i| i as usize)
            .filter(|&i| upper[i] >= floor);
        let Some(first) = kept.next() else {
            return rows[group[0] as usize].clone();
        };
        let mut largest = rows[first].clone();
        let (mut low, mut high) = (lower[first], upper[first]);
        for i in kept {
            let mut above = rows[i].clone();
            add(&mut above, -1.0, &largest);
            let excess = self.kink(&above, 0.0, lower[i] - high, upper[i] - low);
            self.groups.push(self.symbols.len());
            add(&mut largest, 1.0, &excess);
            low = low.max(lower[i]);
            high = high.max(upper[i]);
        }
        largest
    }

    /// Pads all rows, and finds the epigraph symbols.
    fn finish(&mut self) {
        let (count, first) = (self.symbols.len(), self.inputs + 1);
        self.groups.dedup();
        self.objective.resize(first + count, 0.0);
        for row in &mut self.constraints {
            row.resize(first + count, 0.0);
        }
        for group in self.groups.windows(2) {
            for row in &mut self.rows[group[0]..group[1]] {
                row.resize(first + group[0], 0.0);
            }
        }
        for k in 0..count {
            let column = first + k;
            let used_later = self
                .rows
                .iter()
                .any(|row| row.get(column).is_some_and(|&v| v != 0.0));
            let pushed_down = self.objective[column] >= 0.0
                && self.constraints.iter().all(|row| row[column] >= 0.0);
            if self.symbols[k].slope <= 1.0 && pushed_down && !used_later {
                let symbol = &mut self.symbols[k];
                symbol.epigraph = true;
                symbol.magnitude = symbol.reach();
                (symbol.lower, symbol.upper) = (f64::NEG_INFINITY, f64::INFINITY);
            }
        }
        self.influence = vec![Vec::new(); count];
    }

    /// Objective and worst constraint of the graph at a point of the box.
    pub fn evaluate(&self, x: &[f64]) -> (f64, f64) {
        let values = self.extend(x, |symbol, z| symbol.value(z));
        let worst = self
            .constraints
            .iter()
            .map(|row| dot(row, &values))
            .fold(0.0, f64::max);
        (dot(&self.objective, &values), worst)
    }

    /// `(x, 1, h)` with the symbols computed one after another by `rule`.
    pub fn extend(&self, x: &[f64], mut rule: impl FnMut(&Symbol, f64) -> f64) -> Vec<f64> {
        let mut values = Vec::with_capacity(self.inputs + 1 + self.symbols.len());
        values.extend_from_slice(x);
        values.push(1.0);
        for (symbol, row) in self.symbols.iter().zip(&self.rows) {
            let h = rule(symbol, dot(row, &values[..row.len()]));
            values.push(h);
        }
        values
    }

    /// The reduced network of a smaller box: bounds of every undecided kink anew, the decided ones substituted.
    ///
    /// None if `stopped` says so before it is done.
    pub fn derive(
        &self,
        lower: &[f64],
        upper: &[f64],
        stopped: impl Fn() -> bool,
    ) -> Option<Reduced> {
        let (inputs, first) = (self.inputs, self.inputs + 1);
        let reach: Vec<f64> = lower
            .iter()
            .zip(upper)
            .map(|(l, u)| l.abs().max(u.abs()))
            .collect();
        let mut child = Reduced {
            inputs,
            symbols: Vec::with_capacity(self.symbols.len()),
            groups: vec![0],
            rows: Vec::with_capacity(self.symbols.len()),
            objective: Vec::new(),
            constraints: Vec::new(),
            influence: Vec::with_capacity(self.symbols.len()),
            roundings: self.roundings + (self.symbols.len() + first) as f64,
        };
        // What became of each symbol of the parent: its value as a row over the child's symbols.
        let mut fate: Vec<Fate> = Vec::with_capacity(self.symbols.len());
        for group in self.groups.windows(2) {
            let width = first + child.symbols.len();
            for k in group[0]..group[1] {
                if stopped() {
                    return None;
                }
                let row = substitute(&self.rows[k], first, &fate, width);
                let mut symbol = self.symbols[k].clone();
                symbol.magnitude = child.magnitude(&row, &reach);
                if symbol.epigraph {
                    fate.push(Fate::Kept(child.symbols.len()));
                    child.influence.push(Vec::new());
                } else {
                    let (below, above) = (child.form(&row, 1.0), child.form(&row, -1.0));
                    let slack = (child.roundings + row.len() as f64)
                        * f64::EPSILON
                        * (symbol.magnitude + below.1 + above.1);
                    symbol.lower = symbol.lower.max(minimum(&below.0, lower, upper) - slack);
                    symbol.upper = symbol.upper.min(-minimum(&above.0, lower, upper) + slack);
                    if symbol.lower >= 0.0 || symbol.upper <= 0.0 {
                        let factor = if symbol.lower >= 0.0 {
                            1.0
                        } else {
                            symbol.slope
                        };
                        fate.push(Fate::Decided(factor, row));
                        continue;
                    }
                    fate.push(Fate::Kept(child.symbols.len()));
                    child.influence.push(
                        (0..inputs)
                            .map(|i| 0.5 * (below.0[i].abs() + above.0[i].abs()))
                            .collect(),
                    );
                }
                child.symbols.push(symbol);
                child.rows.push(row);
            }
            if *child.groups.last().unwrap_or(&0) < child.symbols.len() {
                child.groups.push(child.symbols.len());
            }
        }
        let width = first + child.symbols.len();
        child.objective = substitute(&self.objective, first, &fate, width);
        child.constraints = self
            .constraints
            .iter()
            .map(|row| substitute(row, first, &fate, width))
            .collect();
        Some(child)
    }

    /// A form below `sign * row` over `(x, 1)` with adaptive slopes, and the magnitude of what was substituted.
    pub fn form(&self, row: &[f64], sign: f64) -> (Vec<f64>, f64) {
        let first = self.inputs + 1;
        let mut form: Vec<f64> = row.iter().map(|v| sign * v).collect();
        let mut magnitude = 0.0;
        for k in (0..form.len() - first).rev() {
            let q = form[first + k];
            if q != 0.0 {
                let symbol = &self.symbols[k];
                let (slope, offset) = symbol.line(q > 0.0, symbol.adaptive_slope());
                add(&mut form, q * slope, &self.rows[k]);
                form[self.inputs] += q * offset;
                magnitude += q.abs() * (symbol.magnitude + offset.abs());
            }
        }
        form.truncate(first);
        (form, magnitude)
    }

    /// The magnitude of the terms that a row is summed from, on a box with inputs up to `reach`.
    pub fn magnitude(&self, row: &[f64], reach: &[f64]) -> f64 {
        let own: f64 = row.iter().zip(reach).map(|(v, r)| v.abs() * r).sum();
        let symbols: f64 = (row[self.inputs + 1..].iter().zip(&self.symbols))
            .map(|(v, s)| v.abs() * if s.epigraph { s.magnitude } else { s.reach() })
            .sum();
        own + row[self.inputs].abs() + symbols
    }
}

enum Fate {
    Kept(usize),
    Decided(f64, Vec<f64>),
}

/// A parent's row over the child's symbols.
fn substitute(row: &[f64], first: usize, fate: &[Fate], width: usize) -> Vec<f64> {
    let mut result = vec![0.0; width];
    result[..first].copy_from_slice(&row[..first]);
    for (q, fate) in row[first..].iter().zip(fate) {
        if *q != 0.0 {
            match fate {
                Fate::Kept(symbol) => result[first + symbol] += q,
                Fate::Decided(factor, value) => add(&mut result, q * factor, value),
            }
        }
    }
    result
}

/// The least value of a form over `(x, 1)` on a box.
pub fn minimum(form: &[f64], lower: &[f64], upper: &[f64]) -> f64 {
    let mut value = form[lower.len()];
    for ((g, l), u) in form.iter().zip(lower).zip(upper) {
        value += if *g >= 0.0 { g * l } else { g * u };
    }
    value
}

/// `target += factor * row`, where `row` may be the shorter one; `target` grows if it is.
pub fn add(target: &mut Vec<f64>, factor: f64, row: &[f64]) {
    if factor == 0.0 {
        return;
    }
    if target.len() < row.len() {
        target.resize(row.len(), 0.0);
    }
    for (t, v) in target.iter_mut().zip(row) {
        *t += factor * v;
    }
}

/// The sum of products, in eight interleaved parts: one after another, each addition would wait for the last.
pub fn dot(a: &[f64], b: &[f64]) -> f64 {
    let (a8, b8) = (a.chunks_exact(8), b[..a.len()].chunks_exact(8));
    let rest: f64 = a8
        .remainder()
        .iter()
        .zip(b8.remainder())
        .map(|(x, y)| x * y)
        .sum();
    let mut parts = [0.0; 8];
    for (x, y) in a8.zip(b8) {
        for i in 0..8 {
            parts[i] += x[i] * y[i];
        }
    }
    parts.iter().sum::<f64>() + rest
}

fn unit(position: usize, length: usize) -> Vec<f64> {
    let mut row = vec![0.0; length];
    row[position] = 1.0;
    row
}

fn constant(inputs: usize, value: f64) -> Vec<f64> {
    let mut row = vec![0.0; inputs + 1];
    row[inputs] = value;
    row
}
