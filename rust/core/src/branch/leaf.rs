//! The relaxation of a box solved to its optimum, where few kinks are undecided: the last digits that steps leave open.
//!
//! The dual of the relaxation has one equation for every input and every symbol. Its columns are the weights of the caps,
//! the multipliers of the constraints, those of the three lines of every symbol, and those of the sides of the box. A
//! primal simplex with bounded columns starts from weights that are known; its answer is only a better choice of
//! multipliers, which [`super::dual`] turns into a bound with margins, as it does for every other.

use super::cap::Shape;
use super::cell::Cell;
use super::dual::{Multipliers, Setting};
use super::reduced::Reduced;

/// With more undecided kinks than this, steps are cheaper.
const MOST_SYMBOLS: usize = 32;

/// Steps that come before: they contract the box.
pub const STEPS_BEFORE: usize = 10;

/// Reduced costs and pivots below this, relative to the largest, count as zero.
const TINY: f64 = 1e-10;

/// What the simplex came to.
pub struct Leaf {
    /// Weights and multipliers.
    pub multipliers: Multipliers,
    /// By symbol, the slope of the line on its free side.
    pub slopes: Vec<f64>,
    /// Where the relaxation is least.
    pub minimiser: Vec<f64>,
}

struct Column {
    upper: f64,
    value: f64,
    cost: f64,
}

/// One row of equations for each input and symbol, in the form `basic column = right - sum of the others`.
struct Tableau {
    columns: Vec<Column>,
    rows: Vec<Vec<f64>>,
    basis: Vec<usize>,
}

/// Whether the relaxation of a network is a linear program of few rows.
pub fn applies(network: &Reduced, setting: &Setting<'_>) -> bool {
    let mut kinks_alone = network
        .caps
        .iter()
        .map(|cap| matches!(cap.shape, Shape::Kink(_)));
    let mut elsewhere = network.head_caps.data.iter().skip(network.caps.len());
    network.symbols.len() <= MOST_SYMBOLS
        && setting.limits.is_empty()
        && !setting.steps.any_design
        && kinks_alone.all(|kink| kink)
        && elsewhere.all(|q| *q == 0.0)
}

/// The optimal multipliers of the relaxation on a box, from known ones; None if that takes too long.
pub fn solve(network: &Reduced, cell: &Cell, start: &Multipliers) -> Option<Leaf> {
    let (inputs, symbols) = (network.inputs, network.symbols.len());
    let (mut tableau, layout) = build(network, cell, start);
    tableau.optimise(4 * (inputs + symbols + layout.total))?;
    let value = |column: usize| tableau.columns[column].value;
    let mut multipliers = start.clone();
    for (cap, place) in network.caps.iter().zip(0..) {
        if let Shape::Kink(slope) = cap.shape {
            multipliers.weights[cap.first] = (slope + value(place)).clamp(slope, 1.0);
        }
    }
    for (place, weight) in multipliers.demands.iter_mut().enumerate() {
        *weight = value(layout.demands + place).max(0.0);
    }
    let slopes = (network.symbols.iter().enumerate())
        .map(|(k, symbol)| {
            let (steep, flat) = (value(layout.lines + 3 * k), value(layout.lines + 3 * k + 1));
            if steep + flat > 0.0 {
                (steep + symbol.slope * flat) / (steep + flat)
            } else {
                symbol.adaptive_slope()
            }
        })
        .collect();
    Some(Leaf {
        multipliers,
        slopes,
        minimiser: tableau.prices(inputs, layout.sides, cell),
    })
}

/// Where the columns of each kind begin.
struct Layout {
    demands: usize,
    lines: usize,
    sides: usize,
    total: usize,
}

/// The equations with a feasible basis: the line or side that takes up what each coefficient comes to.
fn build(network: &Reduced, cell: &Cell, start: &Multipliers) -> (Tableau, Layout) {
    let (inputs, base, symbols) = (network.inputs, network.base(), network.symbols.len());
    let (caps, demands) = (network.caps.len(), network.constraints());
    let layout = Layout {
        demands: caps,
        lines: caps + demands,
        sides: caps + demands + 3 * symbols,
        total: caps + demands + 3 * symbols + 2 * inputs,
    };
    // Every column gives a row over `(x, 1, symbols)` and a constant cost: together they must cancel but for the cost.
    let width = network.width();
    let mut given = network.heads.rows.row(0).to_vec();
    let mut parts: Vec<(Vec<f64>, f64, f64)> = Vec::with_capacity(layout.total);
    for (e, cap) in network.caps.iter().enumerate() {
        let q = network.head_caps.row(0)[e];
        let Shape::Kink(slope) = cap.shape else {
            continue;
        };
        let row: Vec<f64> = network
            .cap_rows
            .rows
            .row(cap.first)
            .iter()
            .map(|v| q * v)
            .collect();
        given
            .iter_mut()
            .zip(&row)
            .for_each(|(g, v)| *g += slope * v);
        parts.push((row, 0.0, 1.0 - slope));
    }
    for c in 1..=demands {
        parts.push((network.heads.rows.row(c).to_vec(), 0.0, f64::INFINITY));
    }
    for layer in &network.layers {
        for k in 0..layer.rows.count() {
            let symbol = &network.symbols[layer.first + k];
            let (chord, constant) = symbol.chord();
            let sign = if symbol.convex() { 1.0 } else { -1.0 };
            for (slope, offset, side) in [
                (1.0, 0.0, sign),
                (symbol.slope, 0.0, sign),
                (chord, constant, -sign),
            ] {
                let mut row: Vec<f64> =
                    layer.rows.row(k).iter().map(|v| side * slope * v).collect();
                row.resize(width, 0.0);
                row[base + layer.first + k] = -side;
                parts.push((row, side * offset, f64::INFINITY));
            }
        }
    }
    for i in 0..inputs {
        for (sign, end) in [(-1.0, cell.lower[i]), (1.0, -cell.upper[i])] {
            let mut row = vec![0.0; width];
            row[i] = sign;
            parts.push((row, end, f64::INFINITY));
        }
    }
    let mut columns = Vec::with_capacity(parts.len());
    for (place, (row, cost, upper)) in parts.iter().enumerate() {
        let at_upper = place < caps && {
            let first = network.caps[place].first;
            let slope = if let Shape::Kink(slope) = network.caps[place].shape {
                slope
            } else {
                0.0
            };
            start.weights[first] - slope > 0.5 * upper
        };
        let value = if at_upper { *upper } else { 0.0 };
        columns.push(Column {
            upper: *upper,
            value,
            cost: cost + row[inputs],
        });
        given.iter_mut().zip(row).for_each(|(g, v)| *g += value * v);
    }
    // Equations: symbols from the last to the first, then inputs.
    let order: Vec<usize> = (0..symbols)
        .rev()
        .map(|k| base + k)
        .chain(0..inputs)
        .collect();
    let mut rows: Vec<Vec<f64>> = order
        .iter()
        .map(|&c| {
            let mut row: Vec<f64> = parts.iter().map(|(part, _, _)| part[c]).collect();
            row.push(-given[c]);
            row
        })
        .collect();
    let mut basis = Vec::with_capacity(rows.len());
    for (r, &c) in order.iter().enumerate() {
        let missing = rows[r][layout.total];
        // The basic column has to take a positive value: its entry has the sign of what is missing.
        let candidates = if c >= base {
            let k = c - base;
            let first = layout.lines + 3 * k;
            let steep = network.symbols[k].adaptive_slope() == 1.0;
            [first + usize::from(!steep), first + 2]
        } else {
            [layout.sides + 2 * c, layout.sides + 2 * c + 1]
        };
        let chosen = if rows[r][candidates[0]] * missing >= 0.0 {
            candidates[0]
        } else {
            candidates[1]
        };
        pivot(&mut rows, r, chosen);
        basis.push(chosen);
    }
    for (row, &column) in rows.iter().zip(&basis) {
        columns[column].value = row[layout.total];
    }
    (
        Tableau {
            columns,
            rows,
            basis,
        },
        layout,
    )
}

/// Makes a column the unit vector of a row.
fn pivot(rows: &mut [Vec<f64>], r: usize, column: usize) {
    let factor = 1.0 / rows[r][column];
    rows[r].iter_mut().for_each(|v| *v *= factor);
    let own = std::mem::take(&mut rows[r]);
    for row in rows.iter_mut().filter(|row| !row.is_empty()) {
        let q = row[column];
        if q != 0.0 {
            row.iter_mut().zip(&own).for_each(|(v, o)| *v -= q * o);
            row[column] = 0.0;
        }
    }
    rows[r] = own;
}

impl Tableau {
    /// Maximises the cost; None if that takes too long.
    fn optimise(&mut self, most: usize) -> Option<()> {
        let total = self.columns.len();
        let largest = self
            .columns
            .iter()
            .map(|c| c.cost.abs())
            .fold(1e-300, f64::max);
        let mut is_basic = vec![false; total];
        self.basis.iter().for_each(|&c| is_basic[c] = true);
        // The row of reduced costs: kept up to date like any other.
        let mut costs: Vec<f64> = self.columns.iter().map(|c| c.cost).collect();
        for (row, &column) in self.rows.iter().zip(&self.basis) {
            let cost = self.columns[column].cost;
            costs.iter_mut().zip(row).for_each(|(c, v)| *c -= cost * v);
        }
        for _ in 0..most {
            let entering = (0..total)
                .filter(|&j| !is_basic[j])
                .filter(|&j| {
                    let column = &self.columns[j];
                    (costs[j] > TINY * largest && column.value < column.upper)
                        || (costs[j] < -TINY * largest && column.value > 0.0)
                })
                .max_by(|&a, &b| costs[a].abs().total_cmp(&costs[b].abs()).then(b.cmp(&a)));
            let Some(entering) = entering else {
                return Some(());
            };
            let up = costs[entering] > 0.0;
            let direction = if up { 1.0 } else { -1.0 };
            let mut room = self.columns[entering].upper;
            let mut leaving = None;
            for (r, row) in self.rows.iter().enumerate() {
                // The basic column moves against the entering one.
                let speed = -direction * row[entering];
                let column = &self.columns[self.basis[r]];
                let limit = if speed < -TINY {
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
                return None;
            }
            for (row, &column) in self.rows.iter().zip(&self.basis) {
                self.columns[column].value -= direction * room * row[entering];
            }
            self.columns[entering].value += direction * room;
            match leaving {
                None => {
                    self.columns[entering].value = if up {
                        self.columns[entering].upper
                    } else {
                        0.0
                    };
                }
                Some((r, at_upper)) => {
                    let left = self.basis[r];
                    self.columns[left].value = if at_upper {
                        self.columns[left].upper
                    } else {
                        0.0
                    };
                    (is_basic[left], is_basic[entering]) = (false, true);
                    pivot(&mut self.rows, r, entering);
                    let cost = costs[entering];
                    costs
                        .iter_mut()
                        .zip(&self.rows[r])
                        .for_each(|(c, v)| *c -= cost * v);
                    self.basis[r] = entering;
                }
            }
        }
        None
    }

    /// The minimiser of the relaxation: what one unit more in the equation of an input would cost.
    fn prices(&self, inputs: usize, sides: usize, cell: &Cell) -> Vec<f64> {
        (0..inputs)
            .map(|i| {
                let low = sides + 2 * i;
                // The reduced cost of the lower side is `lower - x`.
                let cost = self.columns[low].cost
                    - (self.rows.iter().zip(&self.basis))
                        .map(|(row, &column)| self.columns[column].cost * row[low])
                        .sum::<f64>();
                (cell.lower[i] - cost).clamp(cell.lower[i], cell.upper[i])
            })
            .collect()
    }
}
