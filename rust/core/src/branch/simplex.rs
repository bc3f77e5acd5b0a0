//! A primal simplex with bounded columns on a small dense tableau.

use super::kernel::accumulate;

/// Reduced costs and pivots below this, relative to the largest, count as zero.
const TINY: f64 = 1e-10;

/// One column: its value is not negative (unless it is free), and at most `upper`.
#[derive(Clone)]
pub struct Column {
    /// The largest value.
    pub upper: f64,
    /// The value; that of a column outside the basis is one of its ends.
    pub value: f64,
    /// What one unit of it is worth.
    pub cost: f64,
    /// It may be negative.
    pub free: bool,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Nothing is worth more.
    Optimal,
    /// It is worth enough.
    Enough,
    /// It took too long.
    TooLong,
}

/// Equations in the form `basic column = right side - sum of the others`, one row for each.
#[derive(Clone)]
pub struct Tableau {
    /// The columns.
    pub columns: Vec<Column>,
    /// The entries, row after row.
    entries: Vec<f64>,
    /// Which column each row gives.
    basis: Vec<usize>,
    is_basic: Vec<bool>,
    /// What one unit more of each column is worth, the basic ones following.
    pub reduced_costs: Vec<f64>,
    largest_cost: f64,
}

impl Tableau {
    /// The tableau of some rows, of which `choose` names the basic columns one after another.
    ///
    /// It is given the entries of the row so far, the right side behind them.
    pub fn new(
        mut columns: Vec<Column>,
        rows: &[Vec<f64>],
        mut choose: impl FnMut(usize, &[f64]) -> usize,
    ) -> Self {
        let total = columns.len();
        let width = total + 1;
        let mut entries: Vec<f64> = rows.concat();
        let mut basis = Vec::with_capacity(rows.len());
        for r in 0..rows.len() {
            let chosen = choose(r, &entries[r * width..][..width]);
            pivot(&mut entries, width, r, chosen);
            basis.push(chosen);
        }
        let mut reduced_costs: Vec<f64> = columns.iter().map(|c| c.cost).collect();
        let mut is_basic = vec![false; total];
        let rows = entries.chunks_exact(width);
        for (row, &column) in rows.clone().zip(&basis) {
            columns[column].value = row[total];
            is_basic[column] = true;
            accumulate(&mut reduced_costs, &[-columns[column].cost], &row[..total]);
        }
        let largest_cost = columns.iter().map(|c| c.cost.abs()).fold(1e-300, f64::max);
        Tableau {
            // The right sides are in the values from here on.
            entries: rows.flat_map(|row| &row[..total]).copied().collect(),
            columns,
            basis,
            is_basic,
            reduced_costs,
            largest_cost,
        }
    }

    /// What the values are worth.
    pub fn worth(&self) -> f64 {
        self.columns.iter().map(|c| c.cost * c.value).sum()
    }

    /// Raises the worth until it is `enough` or cannot be raised, with at most `most` pivots, which are counted down.
    pub fn maximise(&mut self, enough: f64, most: &mut usize) -> End {
        let total = self.columns.len();
        let mut worth = self.worth();
        loop {
            if worth >= enough {
                return End::Enough;
            }
            let Some((entering, up)) = self.entering() else {
                return End::Optimal;
            };
            if *most == 0 {
                return End::TooLong;
            }
            *most -= 1;
            let direction = if up { 1.0 } else { -1.0 };
            let gain = self.reduced_costs[entering].abs();
            let mut room = match (up, self.columns[entering].free) {
                (false, true) => f64::INFINITY,
                _ => self.columns[entering].upper,
            };
            let mut leaving = None;
            for (r, &basic) in self.basis.iter().enumerate() {
                // The basic column moves against the entering one.
                let speed = -direction * self.entries[r * total + entering];
                let column = &self.columns[basic];
                let limit = if speed < -TINY && !column.free {
                    column.value.max(0.0) / -speed
                } else if speed > TINY {
                    (column.upper - column.value).max(0.0) / speed
                } else {
                    continue;
                };
                if limit < room {
                    (room, leaving) = (limit, Some((r, speed > 0.0)));
                }
            }
            if !room.is_finite() {
                if !enough.is_finite() {
                    return End::TooLong;
                }
                // Worth without end: no more than enough of it is needed.
                room = 2.0 * (enough - worth) / gain;
                leaving = None;
            }
            for (r, &basic) in self.basis.iter().enumerate() {
                self.columns[basic].value -= direction * room * self.entries[r * total + entering];
            }
            self.columns[entering].value += direction * room;
            worth += room * gain;
            if let Some((r, at_upper)) = leaving {
                let left = &mut self.columns[self.basis[r]];
                left.value = if at_upper { left.upper } else { 0.0 };
                (self.is_basic[self.basis[r]], self.is_basic[entering]) = (false, true);
                pivot(&mut self.entries, total, r, entering);
                let own = &self.entries[r * total..][..total];
                let cost = self.reduced_costs[entering];
                accumulate(&mut self.reduced_costs, &[-cost], own);
                self.reduced_costs[entering] = 0.0;
                self.basis[r] = entering;
            }
        }
    }

    /// The column that is worth most a unit, and whether it is to grow.
    fn entering(&self) -> Option<(usize, bool)> {
        let tiny = TINY * self.largest_cost;
        let (mut best, mut most) = (None, tiny);
        for (j, (column, &cost)) in self.columns.iter().zip(&self.reduced_costs).enumerate() {
            let can_move = (cost > 0.0 && column.value < column.upper)
                || (cost < 0.0 && (column.value > 0.0 || column.free));
            if cost.abs() > most && can_move && !self.is_basic[j] {
                (best, most) = (Some((j, cost > 0.0)), cost.abs());
            }
        }
        best
    }
}

/// Makes a column the unit vector of a row.
fn pivot(entries: &mut [f64], width: usize, r: usize, column: usize) {
    let (before, rest) = entries.split_at_mut(r * width);
    let (own, after) = rest.split_at_mut(width);
    let factor = 1.0 / own[column];
    own.iter_mut().for_each(|v| *v *= factor);
    own[column] = 1.0;
    for row in before
        .chunks_exact_mut(width)
        .chain(after.chunks_exact_mut(width))
    {
        let q = row[column];
        if q != 0.0 {
            accumulate(row, &[-q], own);
            row[column] = 0.0;
        }
    }
}
