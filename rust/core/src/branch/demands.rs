//! What a model minimises and demands, as rows over a network that is being built.

use super::build::{Builder, Row, Unsupported, Value};
use super::cell::Limit;
use crate::bounds::rounding::gamma;
use crate::model::{Formula, Model};

/// Linear conditions on the inputs of which every single bound makes use; further ones enter as constraints.
const LIMITS: usize = 2;

/// The objective and the constraints as rows over symbols and caps, and what concerns inputs alone.
pub(super) struct Heads {
    pub(super) objective: (Row, Vec<f64>),
    pub(super) constraints: Vec<(Row, Vec<f64>)>,
    pub(super) limits: Vec<Limit>,
}

impl Builder<'_> {
    pub(super) fn heads(&mut self, model: &Model) -> Result<Heads, Unsupported> {
        let base = self.network.base();
        let objective = match model.objective {
            Some(node) => {
                let value = &self.values[node];
                (
                    (value.marked.rows.row(0).to_vec(), value.marked.error[0]),
                    value.caps.row(0).to_vec(),
                )
            }
            None => ((vec![0.0; base], 0.0), Vec::new()),
        };
        let mut heads = Heads {
            objective,
            constraints: Vec::new(),
            limits: Vec::new(),
        };
        for equations in [true, false] {
            for (_, formula) in &model.requirements {
                self.demand(formula, equations, &mut heads);
            }
        }
        Ok(heads)
    }

    /// Adds the equations on inputs of a formula, or else all the rest of it.
    fn demand(&mut self, formula: &Formula, equations: bool, heads: &mut Heads) {
        match formula {
            Formula::All(parts) => parts
                .iter()
                .for_each(|part| self.demand(part, equations, heads)),
            Formula::Any(_) => {
                if !equations && let Some(row) = self.excess(formula) {
                    heads.constraints.push((row, Vec::new()));
                }
            }
            Formula::Within { node, lower, upper } => {
                let value = self.values[*node].clone();
                for entry in 0..lower.len() {
                    let on_inputs = value.marked.rows.row(entry)[self.network.base()..]
                        .iter()
                        .all(|v| *v == 0.0)
                        && value.caps.row(entry).iter().all(|v| *v == 0.0);
                    let equation = on_inputs && lower[entry] == upper[entry];
                    if equation != equations {
                        // Equations come first: the first few limits are worth most.
                        continue;
                    }
                    for (sign, side) in [(1.0, upper[entry]), (-1.0, lower[entry])] {
                        if side.is_infinite() {
                            continue;
                        }
                        let (row, caps) = self.side(&value, entry, sign, side);
                        if on_inputs && heads.limits.len() < LIMITS {
                            let mut form = row.0;
                            form.truncate(self.network.base());
                            heads.limits.push(Limit {
                                form,
                                equation,
                                margin: row.1,
                            });
                            if equation {
                                break;
                            }
                        } else {
                            heads.constraints.push((row, caps));
                        }
                    }
                }
            }
        }
    }

    /// `sign * (entry - side)`, which must not be positive.
    fn side(&self, value: &Value, entry: usize, sign: f64, side: f64) -> (Row, Vec<f64>) {
        let mut row: Vec<f64> = value
            .marked
            .rows
            .row(entry)
            .iter()
            .map(|v| sign * v)
            .collect();
        row[self.network.inputs] -= sign * side;
        let caps = value.caps.row(entry).iter().map(|v| sign * v).collect();
        let error =
            value.marked.error[entry] + gamma(1) * (side.abs() + value.marked.magnitude[entry]);
        ((row, error), caps)
    }

    /// A row that is positive exactly where the formula does not hold; None if it always holds.
    fn excess(&mut self, formula: &Formula) -> Option<Row> {
        match formula {
            Formula::Within { node, lower, upper } => {
                let value = self.values[*node].clone();
                let mut rows = Vec::new();
                for entry in 0..lower.len() {
                    for (sign, side) in [(1.0, upper[entry]), (-1.0, lower[entry])] {
                        if side.is_finite() {
                            rows.push(self.side(&value, entry, sign, side).0);
                        }
                    }
                }
                self.largest_of(rows)
            }
            Formula::All(parts) => {
                let rows = parts.iter().filter_map(|part| self.excess(part)).collect();
                self.largest_of(rows)
            }
            Formula::Any(parts) => {
                let mut rows = Vec::with_capacity(parts.len());
                for part in parts {
                    rows.push(negative(self.excess(part)?));
                }
                let Some(least) = self.largest_of(rows) else {
                    let mut never = vec![0.0; self.network.base()];
                    never[self.network.inputs] = 1.0;
                    return Some((never, 0.0));
                };
                Some(negative(least))
            }
        }
    }

    fn largest_of(&mut self, mut rows: Vec<Row>) -> Option<Row> {
        if rows.is_empty() {
            return None;
        }
        let first = rows.remove(0);
        self.largest(vec![first], vec![rows]).pop()
    }
}

fn negative((mut row, error): Row) -> Row {
    row.iter_mut().for_each(|v| *v = -*v);
    (row, error)
}
