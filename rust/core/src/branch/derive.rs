//! The reduced network of a smaller box, from that of a larger one: never from the weights, which makes boxes cheap.

use super::cell::{Cell, Limit};
use super::eliminate::{Frame, Start};
use super::kernel::{Rows, add_product};
use super::lines::Lines;
use super::packed::Side;
use super::reduced::{Layer, MarkedRows, Reduced};
use super::slopes::{Branches, Slopes};
use super::symbol::Symbol;
use crate::bounds::rounding::gamma;

/// With more undecided kinks than this, and at least `MOVING_INPUTS` inputs, slopes are moved for each of them.
const MOVING_SYMBOLS: usize = 24;

/// See `MOVING_SYMBOLS`.
const MOVING_INPUTS: usize = 6;

/// What became of a box.
pub enum Derived {
    /// Its reduced network.
    Network(Box<Reduced>),
    /// No design in it holds and is better than the threshold.
    Empty,
    /// There was no time.
    Stopped,
}

/// Decided symbols of one parent layer: their values as rows over the child's columns.
pub(super) struct Decided {
    columns: Vec<usize>,
    factors: Vec<f64>,
    marked: MarkedRows,
}

impl Decided {
    /// None yet; the child has `width` columns so far.
    pub(super) fn new(width: usize) -> Self {
        Decided {
            columns: Vec::new(),
            factors: Vec::new(),
            marked: MarkedRows {
                rows: Rows::zeros(0, width),
                ..MarkedRows::default()
            },
        }
    }

    /// Adds the symbol in a column of the parent: `factor` times one of some rows.
    pub(super) fn push(&mut self, column: usize, factor: f64, marked: &MarkedRows, row: usize) {
        if factor != 0.0 {
            self.columns.push(column);
            self.factors.push(factor);
            self.marked.rows.push(marked.rows.row(row));
            self.marked.error.push(marked.error[row]);
            self.marked.magnitude.push(marked.magnitude[row]);
        }
    }
}

/// How rows over the parent's columns become rows over the child's.
pub(super) struct Substitution {
    base: usize,
    kept: Vec<(usize, usize)>,
    decided: Vec<Decided>,
}

impl Substitution {
    /// Of no symbol yet.
    pub(super) fn new(parent: &Reduced) -> Self {
        Substitution {
            base: parent.base(),
            kept: Vec::with_capacity(parent.symbols.len()),
            decided: Vec::with_capacity(parent.layers.len()),
        }
    }

    /// A column of the parent becomes one of the child.
    pub(super) fn keep(&mut self, column: usize, own: usize) {
        self.kept.push((column, own));
    }

    /// The symbols of one more layer are replaced.
    pub(super) fn decide(&mut self, decided: Decided) {
        if !decided.columns.is_empty() {
            self.decided.push(decided);
        }
    }

    /// By symbol of the child, which one of the parent's it was.
    fn places(&self) -> Vec<usize> {
        self.kept
            .iter()
            .map(|(column, _)| column - self.base)
            .collect()
    }

    /// The rows over the first `width` columns of the child; the parent's may be narrower than all of its columns.
    pub(super) fn apply(&self, rows: &Rows, error: &[f64], width: usize) -> (Rows, Vec<f64>) {
        let count = rows.count();
        let mut out = Rows::zeros(count, width);
        let mut error = error.to_vec();
        for r in 0..count {
            let (from, to) = (rows.row(r), out.row_mut(r));
            to[..self.base].copy_from_slice(&from[..self.base]);
            for &(column, new) in self
                .kept
                .iter()
                .take_while(|(column, _)| *column < rows.width)
            {
                to[new] = from[column];
            }
        }
        for decided in &self.decided {
            if decided
                .columns
                .last()
                .is_none_or(|last| *last >= rows.width)
            {
                continue;
            }
            let (columns, marked) = (&decided.columns, &decided.marked);
            let mut factors = Rows::zeros(count, columns.len());
            let rounding = gamma(columns.len());
            for (r, error) in error.iter_mut().enumerate() {
                let (from, to) = (rows.row(r), factors.row_mut(r));
                for (k, column) in columns.iter().enumerate() {
                    to[k] = from[*column] * decided.factors[k];
                    *error += to[k].abs() * (marked.error[k] + rounding * marked.magnitude[k]);
                }
            }
            add_product(&mut out.data, width, &factors, &marked.rows);
        }
        (out, error)
    }
}

/// The slopes that bounded the parent's rows best, for the symbols that are left of it.
struct Inherited<'a> {
    slopes: &'a Slopes,
    /// By symbol that is left, which one of the parent's it was.
    places: Vec<usize>,
    branches: &'a Branches,
}

impl Start for Inherited<'_> {
    fn write(&self, row: usize, side: usize, slopes: &mut [f64]) {
        self.slopes
            .write(2 * row + side, &self.places, self.branches, slopes);
    }
}

impl Reduced {
    /// The reduced network of a box inside that of `self`.
    ///
    /// Where `limits` hold what a better design must satisfy, the result equals the graph for such designs only.
    pub fn derive(&self, cell: &Cell, limits: &[Limit], stopped: impl Fn() -> bool) -> Derived {
        let reach = cell.reach();
        let mut child = Reduced::new(self.inputs);
        child.caps = self.caps.clone();
        let moves = self.moves_slopes();
        // Its sums are shorter than those of this network.
        let mut lines = Lines::new(&[], self.gamma());
        child.history = self.history.clone();
        let mut substitution = Substitution::new(self);
        for layer in &self.layers {
            if stopped() {
                return Derived::Stopped;
            }
            let size = layer.rows.count();
            let own = &self.symbols[layer.first..][..size];
            let error: Vec<f64> = own.iter().map(|s| s.error).collect();
            let (rows, error) = substitution.apply(&layer.rows, &error, child.width());
            let magnitude = child.magnitudes(&rows, &reach);
            let marked = MarkedRows {
                rows,
                error,
                magnitude,
            };
            let branches = Branches::new(&child.symbols);
            let inherited = Inherited {
                slopes: &layer.slopes,
                places: substitution.places(),
                branches: &branches,
            };
            let start: Option<&dyn Start> = if moves { Some(&inherited) } else { None };
            let frame = Frame {
                cell,
                limits,
                lines: &lines,
            };
            let bounds = child.bound_rows(&marked, &frame, start);
            let (first, width) = (child.symbols.len(), child.width());
            let (mut kept, mut decided) = (Rows::zeros(0, width), Decided::new(width));
            let mut slopes = Slopes::new(first);
            for (k, symbol) in own.iter().enumerate() {
                let column = self.base() + layer.first + k;
                let lower = symbol.lower.max(bounds.lower[k]);
                let upper = symbol.upper.min(bounds.upper[k]);
                if lower > upper {
                    return Derived::Empty;
                }
                if lower >= 0.0 || upper <= 0.0 {
                    let (side, factor) = if lower >= 0.0 {
                        (Side::Above, 1.0)
                    } else {
                        (Side::Below, symbol.slope)
                    };
                    child.history.decide(symbol, side);
                    decided.push(column, factor, &marked, k);
                    continue;
                }
                substitution.keep(column, child.width());
                kept.push(marked.rows.row(k));
                if let Some(found) = &bounds.slopes {
                    for side in 0..2 {
                        slopes.push(found.row(2 * k + side), &branches);
                    }
                }
                let (below, above) = (bounds.forms.row(2 * k), bounds.forms.row(2 * k + 1));
                let pairs = below[..self.inputs].iter().zip(above);
                child
                    .influence
                    .data
                    .extend(pairs.map(|(b, a)| 0.5 * (b.abs() + a.abs())));
                if symbol.concave_tail {
                    child.tail_forms.data.extend_from_slice(below);
                    child.tail_forms.data.extend_from_slice(above);
                }
                child.symbols.push(Symbol {
                    lower,
                    upper,
                    error: marked.error[k],
                    magnitude: marked.magnitude[k],
                    ..*symbol
                });
            }
            substitution.decide(decided);
            if child.symbols.len() > first {
                child.symbols[first..]
                    .iter()
                    .for_each(|symbol| lines.push(symbol));
                child.layers.push(Layer {
                    first,
                    rows: kept,
                    slopes,
                });
            }
        }
        child.finish(self, &substitution, &reach);
        Derived::Network(Box::new(child))
    }

    /// Takes over what the parent's caps and heads become once its symbols are replaced.
    pub(super) fn finish(&mut self, parent: &Reduced, substitution: &Substitution, reach: &[f64]) {
        self.cap_rows = self.substitute(&parent.cap_rows, substitution, reach);
        self.heads = self.substitute(&parent.heads, substitution, reach);
        self.head_caps = parent.head_caps.clone();
    }

    /// Whether the boxes below are bounded a second time, with better slopes.
    pub fn moves_slopes(&self) -> bool {
        self.inputs >= MOVING_INPUTS && self.symbols.len() > MOVING_SYMBOLS
    }

    fn substitute(
        &self,
        marked: &MarkedRows,
        substitution: &Substitution,
        reach: &[f64],
    ) -> MarkedRows {
        let (rows, error) = substitution.apply(&marked.rows, &marked.error, self.width());
        let magnitude = self.magnitudes(&rows, reach);
        MarkedRows {
            rows,
            error,
            magnitude,
        }
    }

    /// The two networks in which one symbol is below and above its kink: the side is decided, and demanded.
    pub fn split(&self, symbol: usize, cell: &Cell) -> [Reduced; 2] {
        let layer = self.layers.iter().rfind(|layer| layer.first <= symbol);
        let row = layer
            .map(|layer| layer.rows.row(symbol - layer.first))
            .unwrap_or_default();
        let side = |sign: f64| {
            let mut part = self.clone();
            let side = if sign > 0.0 {
                part.symbols[symbol].upper = 0.0;
                Side::Below
            } else {
                part.symbols[symbol].lower = 0.0;
                Side::Above
            };
            part.history
                .demands
                .push((self.symbols[symbol].origin, side));
            let demanded: Vec<f64> = row.iter().map(|v| sign * v).collect();
            part.demand(&demanded, self.symbols[symbol].error, &cell.reach());
            part
        };
        [side(1.0), side(-1.0)]
    }

    /// Adds a constraint: a row that must not be positive.
    pub fn demand(&mut self, row: &[f64], error: f64, reach: &[f64]) {
        self.heads.rows.push(row);
        self.heads.error.push(error);
        let width = self.width();
        let last = Rows {
            width,
            data: self.heads.rows.row(self.heads.error.len() - 1).to_vec(),
        };
        self.heads.magnitude.extend(self.magnitudes(&last, reach));
    }

    /// The network with some inputs fixed, over the others.
    pub fn restrict(&self, free: &[usize], values: &[f64]) -> Reduced {
        let is_fixed = |i: &usize| values[*i] != 0.0 && free.binary_search(i).is_err();
        let fixed: Vec<usize> = (0..self.inputs).filter(is_fixed).collect();
        let narrow = |rows: &Rows| {
            let width = rows.width - self.inputs + free.len();
            let mut out = Rows {
                width,
                data: Vec::with_capacity(rows.count() * width),
            };
            for r in 0..rows.count() {
                let row = rows.row(r);
                let constants = fixed.iter().map(|&i| row[i] * values[i]);
                out.data.extend(free.iter().map(|&i| row[i]));
                out.data.push(row[self.inputs] + constants.sum::<f64>());
                out.data.extend_from_slice(&row[self.base()..]);
            }
            out
        };
        // A fixed input costs the rounding of its product: it counts as an error from now on.
        let rounding = gamma(self.inputs - free.len());
        let marked = |marked: &MarkedRows| MarkedRows {
            rows: narrow(&marked.rows),
            error: (marked.error.iter().zip(&marked.magnitude))
                .map(|(e, m)| e + rounding * m)
                .collect(),
            magnitude: marked.magnitude.clone(),
        };
        let mut part = Reduced::new(free.len());
        part.caps = self.caps.clone();
        part.symbols = (self.symbols.iter())
            .map(|s| Symbol {
                error: s.error + rounding * s.magnitude,
                ..*s
            })
            .collect();
        part.layers = (self.layers.iter())
            .map(|layer| Layer {
                first: layer.first,
                rows: narrow(&layer.rows),
                slopes: layer.slopes.clone(),
            })
            .collect();
        part.influence = Rows::zeros(self.symbols.len(), free.len());
        part.cap_rows = marked(&self.cap_rows);
        part.heads = marked(&self.heads);
        part.head_caps = self.head_caps.clone();
        part
    }
}
