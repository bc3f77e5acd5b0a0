//! The reduced network of the whole box, from the graph of a model.
//!
//! The graph is walked once with every value as a row over the inputs and the symbols found so far; each kink is
//! bounded on the way by lines through those symbols alone, so that what is decided on the box costs nothing after it.

use std::sync::Arc;

use super::budget::Budget;
use super::cap::{Cap, Shape};
use super::cell::{Cell, Limit};
use super::demands::Heads;
use super::kernel::Rows;
use super::reduced::{Layer, MarkedRows, Reduced};
use super::slopes::Slopes;
use super::symbol::Symbol;
use super::uses::{Use, uses};
use crate::bounds::rounding::gamma;
use crate::graph::{Matrix, Operation};
use crate::model::{Formula, Model};

/// A network whose rows would take more numbers than this is left to other engines.
const MOST_NUMBERS: usize = 100_000_000;

/// Why a model cannot be reduced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsupported(pub String);

/// The values of a node: rows over `(x, 1, symbols)` and over the caps.
#[derive(Clone, Default)]
pub(super) struct Value {
    pub(super) marked: MarkedRows,
    pub(super) caps: Rows,
}

/// One row of a value, for formulas.
pub(super) type Row = (Vec<f64>, f64);

/// The reduced network of a model on a box, and the linear conditions on its inputs.
pub fn build(model: &Model, cell: &Cell) -> Result<(Reduced, Vec<Limit>), Unsupported> {
    let mut builder = Builder::new(model, cell, Budget::UNLIMITED);
    builder.walk(model)?;
    let heads = builder.heads(model)?;
    Ok(builder.finish(heads))
}

/// What is built, step by step.
pub(super) struct Builder<'a> {
    pub(super) cell: &'a Cell,
    pub(super) reach: Vec<f64>,
    pub(super) network: Reduced,
    pub(super) caps: Vec<Cap>,
    /// The largest magnitude of each.
    pub(super) cap_reach: Vec<f64>,
    pub(super) values: Vec<Value>,
    /// By kink, how many entries are always positive, never, and undecided.
    pub(super) decided: Vec<(usize, [usize; 3])>,
    budget: Budget,
}

impl<'a> Builder<'a> {
    pub(super) fn new(model: &Model, cell: &'a Cell, budget: Budget) -> Self {
        Builder {
            reach: cell.reach(),
            cell,
            network: Reduced::new(cell.lower.len()),
            caps: Vec::new(),
            cap_reach: Vec::new(),
            values: vec![Value::default(); model.graph.nodes().len()],
            decided: Vec::new(),
            budget,
        }
    }

    pub(super) fn walk(&mut self, model: &Model) -> Result<(), Unsupported> {
        let (graph, uses) = (&model.graph, uses(model));
        let mut last_use = vec![0; graph.nodes().len()];
        for (index, node) in graph.nodes().iter().enumerate() {
            for source in node.operation.sources() {
                last_use[source] = index;
            }
        }
        let mut kept = vec![false; graph.nodes().len()];
        model.objective.iter().for_each(|&node| kept[node] = true);
        model
            .requirements
            .iter()
            .for_each(|(_, formula)| keep(formula, &mut kept));
        for (index, node) in graph.nodes().iter().enumerate() {
            if uses[index].iter().all(|u| u.none()) {
                continue;
            }
            if node.size.saturating_mul(self.network.width()) > MOST_NUMBERS {
                return Err(Unsupported(format!(
                    "{} values over {} undecided units are too many for boxes of inputs",
                    node.size,
                    self.network.symbols.len()
                )));
            }
            self.budget
                .spend(&self.network, &node.operation, node.size)?;
            let value = match &node.operation {
                Operation::Input => self.inputs(),
                Operation::Affine { terms, bias } => self.affine(terms, bias),
                Operation::Kink { source, slopes } => {
                    self.decided.push((index, [0; 3]));
                    self.kinks(*source, slopes, &uses[index])
                }
                Operation::Max { source, groups } => self.maxima(*source, groups, &uses[index]),
                Operation::Norm { source, groups } => self.norms(*source, groups, &uses[index])?,
            };
            self.values[index] = value;
            for source in node.operation.sources() {
                if last_use[source] == index && !kept[source] {
                    self.values[source] = Value::default();
                }
            }
        }
        Ok(())
    }

    fn inputs(&self) -> Value {
        let count = self.network.inputs;
        let mut rows = Rows::zeros(count, count + 1);
        (0..count).for_each(|i| rows.row_mut(i)[i] = 1.0);
        self.exact(rows)
    }

    pub(super) fn exact(&self, rows: Rows) -> Value {
        let error = vec![0.0; rows.count()];
        let magnitude = self.network.magnitudes(&rows, &self.reach);
        Value {
            marked: MarkedRows {
                rows,
                error,
                magnitude,
            },
            caps: Rows::default(),
        }
    }

    fn affine(&self, terms: &[(usize, Arc<Matrix>)], bias: &[f64]) -> Value {
        let base = self.network.base();
        let sources = || terms.iter().map(|(source, _)| &self.values[*source]);
        let width = sources()
            .map(|v| v.marked.rows.width)
            .fold(base, usize::max);
        let cap_width = sources().map(|v| v.caps.width).max().unwrap_or(0);
        let mut rows = Rows::zeros(bias.len(), width);
        let mut caps = Rows::zeros(bias.len(), cap_width);
        let mut error = vec![0.0; bias.len()];
        let mut sums: Vec<f64> = bias.iter().map(|b| b.abs()).collect();
        let mut length = 2;
        for (source, matrix) in terms {
            let value = &self.values[*source];
            if value.marked.error.is_empty() {
                // No entry that is used depends on this source.
                continue;
            }
            multiply(matrix, &value.marked.rows, &mut rows);
            multiply(matrix, &value.caps, &mut caps);
            matrix.add_absolute_product(&value.marked.error, &mut error);
            let sizes: Vec<f64> = (0..value.marked.error.len())
                .map(|r| value.marked.magnitude[r] + self.cap_magnitude(value, r))
                .collect();
            matrix.add_absolute_product(&sizes, &mut sums);
            length += matrix.longest_row();
        }
        for (r, b) in bias.iter().enumerate() {
            rows.row_mut(r)[base - 1] += b;
            error[r] += gamma(length) * sums[r];
        }
        let magnitude = self.network.magnitudes(&rows, &self.reach);
        Value {
            marked: MarkedRows {
                rows,
                error,
                magnitude,
            },
            caps,
        }
    }

    fn cap_magnitude(&self, value: &Value, row: usize) -> f64 {
        let coefficients = value.caps.row(row).iter();
        coefficients
            .zip(&self.cap_reach)
            .map(|(q, reach)| q.abs() * reach)
            .sum()
    }

    fn kinks(&mut self, source: usize, slopes: &[f64], uses: &[Use]) -> Value {
        let marked = self.values[source].marked.clone();
        let bounds = self.network.bound_rows_of_box(&marked, self.cell);
        let (first, width) = (self.network.symbols.len(), self.network.width());
        let mut layer = Rows {
            width,
            data: Vec::new(),
        };
        let mut outcomes = Vec::with_capacity(slopes.len());
        for (r, &slope) in slopes.iter().enumerate() {
            let (lower, upper) = (bounds.lower[r], bounds.upper[r]);
            if let Some((_, counts)) = self.decided.last_mut() {
                counts[if lower >= 0.0 {
                    0
                } else if upper <= 0.0 {
                    1
                } else {
                    2
                }] += 1;
            }
            outcomes.push(
                if lower >= 0.0 || upper <= 0.0 || slope == 1.0 || uses[r].none() {
                    Outcome::Decided(if lower >= 0.0 { 1.0 } else { slope })
                } else if slope <= 1.0 && uses[r].only_from_below() {
                    Outcome::Cap(self.add_cap(Shape::Kink(slope), &marked, &[r]))
                } else {
                    layer.push(marked.rows.row(r));
                    Outcome::Symbol(self.add_symbol(
                        slope,
                        (lower, upper),
                        marked.error[r],
                        marked.magnitude[r],
                    ))
                },
            );
        }
        self.add_layer(first, layer);
        let mut value = Value {
            marked: MarkedRows {
                rows: Rows::zeros(slopes.len(), self.network.width()),
                ..marked.clone()
            },
            caps: Rows::zeros(slopes.len(), self.caps.len()),
        };
        for (r, outcome) in outcomes.into_iter().enumerate() {
            match outcome {
                Outcome::Decided(factor) => {
                    let row = value.marked.rows.row_mut(r);
                    row.iter_mut()
                        .zip(marked.rows.row(r))
                        .for_each(|(to, from)| *to = factor * from);
                    let rounding = if factor.abs() == 1.0 { 0.0 } else { gamma(1) };
                    value.marked.error[r] =
                        factor.abs() * (marked.error[r] + rounding * marked.magnitude[r]);
                    value.marked.magnitude[r] = factor.abs() * marked.magnitude[r];
                }
                Outcome::Cap(cap) => {
                    value.caps.row_mut(r)[cap] = 1.0;
                    (value.marked.error[r], value.marked.magnitude[r]) = (0.0, 0.0);
                }
                Outcome::Symbol(symbol) => {
                    let column = self.network.base() + symbol;
                    value.marked.rows.row_mut(r)[column] = 1.0;
                    value.marked.error[r] = 0.0;
                    value.marked.magnitude[r] = self.network.symbols[symbol].reach();
                }
            }
        }
        value
    }

    pub(super) fn add_symbol(
        &mut self,
        slope: f64,
        (lower, upper): (f64, f64),
        error: f64,
        magnitude: f64,
    ) -> usize {
        let number = self.network.symbols.len();
        self.network.symbols.push(Symbol {
            slope,
            lower,
            upper,
            error,
            magnitude,
            origin: number as u32,
            concave_tail: false,
        });
        number
    }

    pub(super) fn add_layer(&mut self, first: usize, rows: Rows) {
        if self.network.symbols.len() > first {
            self.network.layers.push(Layer {
                first,
                rows,
                slopes: Slopes::default(),
            });
        }
    }

    fn add_cap(&mut self, shape: Shape, marked: &MarkedRows, chosen: &[usize]) -> usize {
        let rows = chosen
            .iter()
            .map(|&r| (marked.rows.row(r).to_vec(), marked.error[r]));
        self.add_cap_of(shape, rows.collect())
    }

    pub(super) fn add_cap_of(&mut self, shape: Shape, rows: Vec<Row>) -> usize {
        let cap_rows = &mut self.network.cap_rows;
        let first = cap_rows.error.len();
        let mut reach: f64 = 0.0;
        // Rows of caps found early are narrower; they are widened at the end.
        for (row, error) in &rows {
            let single = Rows {
                width: row.len(),
                data: row.clone(),
            };
            let magnitude = self.network_magnitude(&single);
            let cap_rows = &mut self.network.cap_rows;
            widen(&mut cap_rows.rows, row.len());
            cap_rows.rows.push(row);
            cap_rows.error.push(*error);
            cap_rows.magnitude.push(magnitude);
            reach = match shape {
                Shape::Kink(slope) => magnitude * slope.abs().max(1.0),
                Shape::Norm => reach + magnitude,
                Shape::Largest => reach.max(magnitude),
            };
        }
        self.caps.push(Cap {
            shape,
            first,
            count: rows.len(),
        });
        self.cap_reach.push(reach);
        self.caps.len() - 1
    }

    fn network_magnitude(&self, row: &Rows) -> f64 {
        self.network.magnitudes(row, &self.reach)[0]
    }

    fn norms(
        &mut self,
        source: usize,
        groups: &[Vec<u32>],
        uses: &[Use],
    ) -> Result<Value, Unsupported> {
        let marked = self.values[source].marked.clone();
        let mut found = Vec::with_capacity(groups.len());
        for (group, u) in groups.iter().zip(uses) {
            if u.none() {
                found.push(None);
            } else if u.only_added() {
                let chosen: Vec<usize> = group.iter().map(|&i| i as usize).collect();
                found.push(Some(self.add_cap(Shape::Norm, &marked, &chosen)));
            } else {
                return Err(Unsupported(
                    "a Euclidean norm that is not minimised is not piecewise linear".into(),
                ));
            }
        }
        Ok(self.caps_alone(&found))
    }

    pub(super) fn caps_alone(&self, found: &[Option<usize>]) -> Value {
        let mut value = self.exact(Rows::zeros(found.len(), self.network.base()));
        value.caps = Rows::zeros(found.len(), self.caps.len());
        for (r, cap) in found.iter().enumerate() {
            if let Some(cap) = cap {
                value.caps.row_mut(r)[*cap] = 1.0;
            }
        }
        value
    }

    fn finish(mut self, heads: Heads) -> (Reduced, Vec<Limit>) {
        let (count, caps) = (self.network.symbols.len(), self.caps.len());
        let width = self.network.width();
        let network = &mut self.network;
        widen(&mut network.cap_rows.rows, width);
        network.heads = MarkedRows {
            rows: Rows {
                width,
                data: Vec::new(),
            },
            ..MarkedRows::default()
        };
        network.head_caps = Rows {
            width: caps,
            data: Vec::new(),
        };
        for ((row, error), caps) in std::iter::once(&heads.objective).chain(&heads.constraints) {
            network.heads.rows.push(row);
            network.heads.error.push(*error);
            network.head_caps.push(caps);
        }
        network.heads.magnitude = network.magnitudes(&network.heads.rows, &self.reach);
        for k in 0..count {
            let column = network.base() + k;
            let used_by = |rows: &Rows| {
                column < rows.width && (0..rows.count()).any(|r| rows.row(r)[column] != 0.0)
            };
            let elsewhere = network.layers.iter().any(|l| used_by(&l.rows))
                || used_by(&network.cap_rows.rows)
                || (1..network.heads.rows.count())
                    .any(|h| network.heads.rows.row(h)[column] != 0.0);
            let tail = !elsewhere
                && network.heads.rows.row(0)[column] < 0.0
                && network.symbols[k].convex();
            network.symbols[k].concave_tail = tail;
        }
        network.influence = Rows::zeros(count, network.inputs);
        network.caps = self.caps.into();
        (self.network, heads.limits)
    }
}

enum Outcome {
    Decided(f64),
    Cap(usize),
    Symbol(usize),
}

fn keep(formula: &Formula, kept: &mut [bool]) {
    match formula {
        Formula::Within { node, .. } => kept[*node] = true,
        Formula::All(parts) | Formula::Any(parts) => parts.iter().for_each(|part| keep(part, kept)),
    }
}

/// `out += matrix * rows`, where `out` may be wider.
fn multiply(matrix: &Matrix, rows: &Rows, out: &mut Rows) {
    let (count, width, outputs) = (rows.count(), rows.width, out.count());
    if count == 0 || outputs == 0 {
        return;
    }
    let mut columns = vec![0.0; width * count];
    for r in 0..count {
        for (c, v) in rows.row(r).iter().enumerate() {
            columns[c * count + r] = *v;
        }
    }
    let mut product = vec![0.0; width * outputs];
    matrix.add_product(&columns, width, &mut product);
    for r in 0..outputs {
        for (c, to) in out.row_mut(r)[..width].iter_mut().enumerate() {
            *to += product[c * outputs + r];
        }
    }
}

/// Makes rows wider, filled with zeros.
fn widen(rows: &mut Rows, width: usize) {
    if width > rows.width {
        let mut wide = Rows {
            width,
            data: Vec::with_capacity(rows.count() * width),
        };
        (0..rows.count()).for_each(|r| wide.push(rows.row(r)));
        *rows = wide;
    }
}
