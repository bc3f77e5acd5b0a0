//! The relaxation of a box solved to its optimum, where few kinks are undecided: the last digits that steps leave open.
//!
//! The dual of the relaxation has one equation for every input and every symbol. Its columns are the weights of the caps,
//! the multipliers of the constraints, those of the three lines of every symbol, and those of the sides of the box. A
//! primal simplex with bounded columns starts from weights that are known; its answer is only a better choice of
//! multipliers, which [`super::dual`] turns into a bound with margins, as it does for every other.
//!
//! Where a kink is decided, its symbol equals one of its branches: the multiplier of that line may then have any sign. So
//! deciding a kink leaves the tableau feasible, and [`super::kinks`] goes on from it.

use super::cap::Shape;
use super::cell::Cell;
use super::dual::{Multipliers, Setting};
use super::kernel::Rows;
use super::packed::Side;
use super::reduced::Reduced;
use super::simplex::{Column, End, Tableau};

/// The relaxation as a linear program, and where it stands.
#[derive(Clone)]
pub struct Leaf {
    tableau: Tableau,
    layout: Layout,
    /// By symbol, the side that was decided.
    pub sides: Vec<Side>,
}

/// Where the columns of each kind begin.
#[derive(Clone, Copy)]
struct Layout {
    demands: usize,
    lines: usize,
    sides: usize,
    total: usize,
    /// What the bound is with all columns at zero.
    constant: f64,
}

/// What the columns say.
pub struct Weights {
    /// Weights of the caps and multipliers of the constraints.
    pub multipliers: Multipliers,
    /// By symbol, the slope of the line on its free side; of a decided one, the coefficient that its row is to have.
    pub slopes: Vec<f64>,
}

/// Whether the relaxation of a network is a linear program of few rows.
pub fn applies(network: &Reduced, setting: &Setting<'_>) -> bool {
    let mut kinks_alone = network
        .caps
        .iter()
        .map(|cap| matches!(cap.shape, Shape::Kink(_)));
    let mut elsewhere = network.head_caps.data.iter().skip(network.caps.len());
    network.symbols.len() <= setting.steps.exact
        && setting.limits.is_empty()
        && !setting.steps.any_design
        && kinks_alone.all(|kink| kink)
        && elsewhere.all(|q| *q == 0.0)
}

impl Leaf {
    /// The relaxation on a box, at weights that are known.
    pub fn new(network: &Reduced, cell: &Cell, start: &Multipliers) -> Self {
        let (tableau, layout) = build(network, cell, start);
        let sides = vec![Side::Undecided; network.symbols.len()];
        Leaf {
            tableau,
            layout,
            sides,
        }
    }

    /// Raises the bound until it is `enough` or cannot be raised, with at most so many pivots.
    pub fn maximise(&mut self, enough: f64, most: &mut usize) -> End {
        self.tableau.maximise(enough - self.layout.constant, most)
    }

    /// A number of pivots that is enough but for rare cases.
    pub fn most_pivots(&self) -> usize {
        4 * (self.sides.len() + self.layout.total)
    }

    /// The bound, but for rounding.
    pub fn bound(&self) -> f64 {
        self.layout.constant + self.tableau.worth()
    }

    /// Decides the side of a kink.
    pub fn decide(&mut self, symbol: usize, side: Side) {
        let branch = usize::from(side == Side::Below);
        self.tableau.free(self.layout.lines + 3 * symbol + branch);
        self.sides[symbol] = side;
    }

    /// How far a symbol is from both branches of its kink at the optimum of the relaxation.
    pub fn violation(&self, symbol: usize) -> f64 {
        let first = self.layout.lines + 3 * symbol;
        let slack = |line: usize| self.tableau.reduced_cost(first + line).abs();
        slack(0).min(slack(1))
    }

    /// The weights and slopes that the columns stand for; `start` has those of caps that are none.
    pub fn weights(&self, network: &Reduced, start: &Multipliers) -> Weights {
        let value = |column: usize| self.tableau.value(column);
        let mut multipliers = start.clone();
        for (cap, place) in network.caps.iter().zip(0..) {
            if let Shape::Kink(slope) = cap.shape {
                multipliers.weights[cap.first] = (slope + value(place)).clamp(slope, 1.0);
            }
        }
        for (place, weight) in multipliers.demands.iter_mut().enumerate() {
            *weight = value(self.layout.demands + place).max(0.0);
        }
        let slopes = (network.symbols.iter().zip(&self.sides).enumerate())
            .map(|(k, (symbol, side))| {
                let first = self.layout.lines + 3 * k;
                let (steep, flat, chord) = (value(first), value(first + 1), value(first + 2));
                if *side != Side::Undecided {
                    let sign = if symbol.convex() { 1.0 } else { -1.0 };
                    sign * (steep + symbol.slope * flat - symbol.chord().0 * chord)
                } else if steep + flat > 0.0 {
                    (steep + symbol.slope * flat) / (steep + flat)
                } else {
                    symbol.adaptive_slope()
                }
            })
            .collect();
        Weights {
            multipliers,
            slopes,
        }
    }

    /// Where the relaxation is least.
    pub fn minimiser(&self, cell: &Cell) -> Vec<f64> {
        let sides = cell.lower.iter().zip(&cell.upper).enumerate();
        sides
            .map(|(i, (&lower, &upper))| {
                // The reduced cost of the lower side is `lower - x`.
                let cost = self.tableau.reduced_cost(self.layout.sides + 2 * i);
                (lower - cost).clamp(lower, upper)
            })
            .collect()
    }
}

/// The equations with a feasible basis: the line or side that takes up what each coefficient comes to.
fn build(network: &Reduced, cell: &Cell, start: &Multipliers) -> (Tableau, Layout) {
    let (inputs, base, symbols) = (network.inputs, network.base(), network.symbols.len());
    let (caps, demands) = (network.caps.len(), network.constraints());
    let mut layout = Layout {
        demands: caps,
        lines: caps + demands,
        sides: caps + demands + 3 * symbols,
        total: caps + demands + 3 * symbols + 2 * inputs,
        constant: 0.0,
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
    layout.constant = given[inputs];
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
            free: false,
        });
        given.iter_mut().zip(row).for_each(|(g, v)| *g += value * v);
    }
    // Equations: symbols from the last to the first, then inputs.
    let order: Vec<usize> = (0..symbols)
        .rev()
        .map(|k| base + k)
        .chain(0..inputs)
        .collect();
    let mut rows = Rows::zeros(order.len(), layout.total + 1);
    for (r, &c) in order.iter().enumerate() {
        let entries = parts.iter().map(|(part, _, _)| part[c]);
        let row = rows.row_mut(r);
        row.iter_mut().zip(entries).for_each(|(to, v)| *to = v);
        row[layout.total] = -given[c];
    }
    let tableau = Tableau::new(columns, rows, |r, row| {
        let c = order[r];
        // The basic column has to take a positive value: its entry has the sign of what is missing.
        let candidates = if c >= base {
            let k = c - base;
            let first = layout.lines + 3 * k;
            let steep = network.symbols[k].adaptive_slope() == 1.0;
            [first + usize::from(!steep), first + 2]
        } else {
            [layout.sides + 2 * c, layout.sides + 2 * c + 1]
        };
        candidates[usize::from(row[candidates[0]] * row[layout.total] < 0.0)]
    });
    (tableau, layout)
}
