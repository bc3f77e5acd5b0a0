//! A primal simplex with bounded columns on a small dense tableau.

use super::kernel::{Rows, accumulate};
use super::scratch::Scratch;

/// Reduced costs and pivots below this, relative to the largest, count as zero.
const TINY: f64 = 1e-10;

/// The slot of a column of the basis.
const BASIC: usize = usize::MAX;

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

/// Equations in the form `basic column = right side - sum of entries * other columns`, one row for each.
#[derive(Clone)]
pub struct Tableau {
    columns: Vec<Column>,
    /// The entries of the columns outside the basis, each in its slot.
    entries: Scratch,
    /// What one unit more in each slot is worth, the basic columns following.
    reduced_costs: Vec<f64>,
    /// Which column each slot holds.
    slots: Vec<usize>,
    /// The slot of each column.
    slot_of: Vec<usize>,
    /// Which column each row gives.
    basis: Vec<usize>,
    largest_cost: f64,
}

impl Tableau {
    /// The tableau of some equations `row . columns = right side`, the right side behind each row.
    ///
    /// `choose` names the basic column of a row, given its number and its entries after the rows before it.
    pub fn new(
        mut columns: Vec<Column>,
        mut rows: Rows,
        mut choose: impl FnMut(usize, &[f64]) -> usize,
    ) -> Self {
        let (total, width) = (columns.len(), rows.width);
        let mut slot_of = vec![0; total];
        let basis: Vec<usize> = (0..rows.count())
            .map(|r| {
                let chosen = choose(r, rows.row(r));
                let factor = 1.0 / rows.row(r)[chosen];
                rows.row_mut(r).iter_mut().for_each(|v| *v *= factor);
                clear(&mut rows.data, width, r, chosen, 0.0);
                slot_of[chosen] = BASIC;
                chosen
            })
            .collect();
        let slots: Vec<usize> = (0..total).filter(|&j| slot_of[j] != BASIC).collect();
        let mut entries = Scratch::rows(basis.len(), slots.len());
        let mut reduced_costs: Vec<f64> = slots.iter().map(|&j| columns[j].cost).collect();
        for (r, &basic) in basis.iter().enumerate() {
            let row = rows.row(r);
            columns[basic].value = row[total];
            let own = entries.row_mut(r);
            own.iter_mut().zip(&slots).for_each(|(v, &j)| *v = row[j]);
            accumulate(&mut reduced_costs, &[-columns[basic].cost], own);
        }
        for (slot, &column) in slots.iter().enumerate() {
            slot_of[column] = slot;
        }
        Tableau {
            largest_cost: columns.iter().map(|c| c.cost.abs()).fold(1e-300, f64::max),
            columns,
            entries,
            reduced_costs,
            slots,
            slot_of,
            basis,
        }
    }

    /// The value of a column.
    pub fn value(&self, column: usize) -> f64 {
        self.columns[column].value
    }

    /// What one unit more of a column is worth.
    pub fn reduced_cost(&self, column: usize) -> f64 {
        match self.slot_of[column] {
            BASIC => 0.0,
            slot => self.reduced_costs[slot],
        }
    }

    /// Allows a column to be negative.
    pub fn free(&mut self, column: usize) {
        self.columns[column].free = true;
    }

    /// What the values are worth.
    pub fn worth(&self) -> f64 {
        self.columns.iter().map(|c| c.cost * c.value).sum()
    }

    /// Raises the worth until it is `enough` or cannot be raised, with at most `most` pivots, which are counted down.
    pub fn maximise(&mut self, enough: f64, most: &mut usize) -> End {
        let mut worth = self.worth();
        let mut entering = vec![0.0; self.basis.len()];
        while worth < enough {
            let Some((slot, direction)) = self.entering() else {
                return End::Optimal;
            };
            if *most == 0 {
                return End::TooLong;
            }
            *most -= 1;
            for (r, v) in entering.iter_mut().enumerate() {
                *v = direction * self.entries.row(r)[slot];
            }
            let column = self.slots[slot];
            let gain = direction * self.reduced_costs[slot];
            let is_unbounded = direction < 0.0 && self.columns[column].free;
            let mut room = if is_unbounded {
                f64::INFINITY
            } else {
                self.columns[column].upper
            };
            let mut leaving = None;
            for (r, (&basic, &speed)) in self.basis.iter().zip(&entering).enumerate() {
                // The basic column moves against the entering one.
                let basic = &self.columns[basic];
                let limit = if speed > TINY && !basic.free {
                    basic.value.max(0.0) / speed
                } else if speed < -TINY {
                    (basic.upper - basic.value).max(0.0) / -speed
                } else {
                    continue;
                };
                if limit < room {
                    (room, leaving) = (limit, Some((r, speed < 0.0)));
                }
            }
            if room.is_infinite() {
                // Worth without end: no more is needed than enough of it.
                room = 2.0 * (enough - worth) / gain;
                if !room.is_finite() {
                    return End::TooLong;
                }
            }
            for (&basic, speed) in self.basis.iter().zip(&entering) {
                self.columns[basic].value -= room * speed;
            }
            self.columns[column].value += direction * room;
            worth += room * gain;
            if let Some((r, at_upper)) = leaving {
                let left = &mut self.columns[self.basis[r]];
                left.value = if at_upper { left.upper } else { 0.0 };
                self.exchange(r, slot);
            }
        }
        End::Enough
    }

    /// The slot that is worth most a unit, and whether its column is to grow (1) or to shrink (-1).
    fn entering(&self) -> Option<(usize, f64)> {
        let mut best = None;
        let mut most = TINY * self.largest_cost;
        for (slot, &cost) in self.reduced_costs.iter().enumerate() {
            if cost.abs() > most {
                let column = &self.columns[self.slots[slot]];
                let can_move = if cost > 0.0 {
                    column.value < column.upper
                } else {
                    column.value > 0.0 || column.free
                };
                if can_move {
                    (best, most) = (Some((slot, cost.signum())), cost.abs());
                }
            }
        }
        best
    }

    /// Exchanges the basic column of a row and the one in a slot.
    fn exchange(&mut self, r: usize, slot: usize) {
        let factor = 1.0 / self.entries.row(r)[slot];
        let own = self.entries.row_mut(r);
        own.iter_mut().for_each(|v| *v *= factor);
        own[slot] = factor;
        let width = own.len();
        clear(&mut self.entries.data, width, r, slot, factor);
        let cost = std::mem::take(&mut self.reduced_costs[slot]);
        accumulate(&mut self.reduced_costs, &[-cost], self.entries.row(r));
        let (entering, left) = (self.slots[slot], self.basis[r]);
        (self.slots[slot], self.basis[r]) = (left, entering);
        (self.slot_of[left], self.slot_of[entering]) = (slot, BASIC);
    }
}

/// Takes the multiple of row `r` from every other that clears its entry of a column; there `own` stands for that of `r`.
fn clear(entries: &mut [f64], width: usize, r: usize, column: usize, own: f64) {
    let (before, rest) = entries.split_at_mut(r * width);
    let (row, after) = rest.split_at_mut(width);
    for other in before
        .chunks_exact_mut(width)
        .chain(after.chunks_exact_mut(width))
    {
        let q = std::mem::take(&mut other[column]);
        if q != 0.0 {
            accumulate(other, &[-q], row);
            other[column] = -q * own;
        }
    }
}
