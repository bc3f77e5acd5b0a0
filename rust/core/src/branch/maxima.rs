//! Maxima in a network that is being built: convex functions where they are only added, chains of kinks elsewhere.

use super::build::{Builder, Row, Value};
use super::cap::Shape;
use super::kernel::Rows;
use super::reduced::MarkedRows;
use super::uses::Use;
use crate::bounds::rounding::gamma;

impl Builder<'_> {
    pub(super) fn maxima(&mut self, source: usize, groups: &[Vec<u32>], uses: &[Use]) -> Value {
        if uses.iter().all(|u| u.none() || u.only_added()) {
            let value = self.values[source].clone();
            let mut found = Vec::with_capacity(groups.len());
            for (group, u) in groups.iter().zip(uses) {
                let cap = (!u.none()).then(|| {
                    let rows = group
                        .iter()
                        .flat_map(|&i| self.branches(&value, i as usize));
                    let rows = rows.collect();
                    self.add_cap_of(Shape::Largest, rows)
                });
                found.push(cap);
            }
            return self.caps_alone(&found);
        }
        let marked = self.values[source].marked.clone();
        let bounds = self.network.bound_rows_of_box(&marked, self.cell);
        let mut running: Vec<Vec<usize>> = groups
            .iter()
            .map(|group| {
                let entries = || group.iter().map(|&i| i as usize);
                let floor = entries()
                    .map(|i| bounds.lower[i])
                    .fold(f64::NEG_INFINITY, f64::max);
                entries().filter(|&i| bounds.upper[i] >= floor).collect()
            })
            .collect();
        let firsts: Vec<Row> = (running.iter_mut())
            .map(|kept| {
                let first = kept.remove(0);
                (marked.rows.row(first).to_vec(), marked.error[first])
            })
            .collect();
        let rest = (running.into_iter())
            .map(|kept| {
                let rows = kept
                    .into_iter()
                    .map(|i| (marked.rows.row(i).to_vec(), marked.error[i]));
                rows.collect()
            })
            .collect();
        let rows = self.largest(firsts, rest);
        self.rows_value(&rows)
    }

    /// The rows whose largest is an entry of a value: itself, or both branches of its one cap.
    fn branches(&self, value: &Value, entry: usize) -> Vec<Row> {
        let (row, error) = (value.marked.rows.row(entry), value.marked.error[entry]);
        let caps = (0..value.caps.width).filter(|&c| value.caps.row(entry)[c] != 0.0);
        let mut rows = vec![(row.to_vec(), error)];
        for cap in caps {
            let (q, cap) = (value.caps.row(entry)[cap], &self.caps[cap]);
            let Shape::Kink(slope) = cap.shape else {
                continue;
            };
            let branch = |factor: f64| {
                let (mut sum, mut error) = (row.to_vec(), error);
                add(
                    &mut sum,
                    q * factor,
                    self.network.cap_rows.rows.row(cap.first),
                );
                error += (q * factor).abs()
                    * (self.network.cap_rows.error[cap.first]
                        + gamma(2) * self.network.cap_rows.magnitude[cap.first]);
                (sum, error)
            };
            rows = vec![branch(1.0), branch(slope)];
        }
        rows
    }

    fn rows_value(&self, rows: &[Row]) -> Value {
        let width = self.network.width();
        let mut out = Rows {
            width,
            data: Vec::with_capacity(rows.len() * width),
        };
        rows.iter().for_each(|(row, _)| out.push(row));
        let mut value = self.exact(out);
        value.marked.error = rows.iter().map(|(_, error)| *error).collect();
        value
    }

    /// The largest of some rows for each of several groups, as `m + relu(z - m)` one after another.
    pub(super) fn largest(&mut self, mut largest: Vec<Row>, rest: Vec<Vec<Row>>) -> Vec<Row> {
        let rounds = rest.iter().map(Vec::len).max().unwrap_or(0);
        for round in 0..rounds {
            let groups: Vec<usize> = (0..rest.len()).filter(|&g| round < rest[g].len()).collect();
            let width = self.network.width();
            let mut marked = MarkedRows {
                rows: Rows {
                    width,
                    data: Vec::new(),
                },
                ..MarkedRows::default()
            };
            for &g in &groups {
                let (mut row, error) = rest[g][round].clone();
                add(&mut row, -1.0, &largest[g].0);
                marked.rows.push(&row);
                marked.error.push(error + largest[g].1);
            }
            marked.magnitude = self.network.magnitudes(&marked.rows, &self.reach);
            for (e, m) in marked.error.iter_mut().zip(&marked.magnitude) {
                *e += gamma(2) * m;
            }
            let bounds = self.network.bound_rows_of_box(&marked, self.cell);
            let first = self.network.symbols.len();
            let mut layer = Rows {
                width,
                data: Vec::new(),
            };
            for (place, &g) in groups.iter().enumerate() {
                let (lower, upper) = (bounds.lower[place], bounds.upper[place]);
                if upper <= 0.0 {
                    continue;
                }
                if lower >= 0.0 {
                    largest[g] = rest[g][round].clone();
                    continue;
                }
                layer.push(marked.rows.row(place));
                let symbol = self.add_symbol(
                    0.0,
                    (lower, upper),
                    marked.error[place],
                    marked.magnitude[place],
                );
                let column = self.network.base() + symbol;
                largest[g].0.resize(column, 0.0);
                largest[g].0.push(1.0);
            }
            self.add_layer(first, layer);
        }
        largest
    }
}

/// `target += factor * row`; `target` grows if it is the shorter one.
fn add(target: &mut Vec<f64>, factor: f64, row: &[f64]) {
    if target.len() < row.len() {
        target.resize(row.len(), 0.0);
    }
    target
        .iter_mut()
        .zip(row)
        .for_each(|(t, v)| *t += factor * v);
}
