//! The reduced network of a box: what is left of a graph when every decided kink is replaced by its branch.
//!
//! A symbol `h` stands for one undecided kink entry, `h = z` where `z >= 0` and `slope * z` elsewhere; its `z` is a row
//! over `(x, 1, symbols of earlier layers)`. *Caps* are convex functions of rows that enter the objective and the
//! constraints with a plus sign only, so that they are never needed from above: a kink, a norm, a maximum. *Heads* are
//! the objective (the first) and the constraints (at most zero), rows over `(x, 1, symbols)` and the caps. Nothing is
//! relaxed: on its box the reduced network equals the graph.
//!
//! # Rounding
//!
//! Every row carries an *error*: how far its value, with exact values of the symbols, may be from what it stands for as
//! the graph computes it; and a *magnitude*: the sum of the magnitudes of its terms on the box. Eliminating a symbol
//! from a form costs its coefficient times `error + gamma * magnitude`, where gamma (see [`crate::bounds`]) holds the
//! rounding of all sums of as many terms. [`Reduced::eliminate`] and [`super::dual`] lower every bound by that.

use std::ops::{Deref, Range};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::cell::{Cell, Limit};
use super::kernel::{Lines, Rows, add_product, dots, move_slopes, products, ranges, replace};
use crate::bounds::rounding::gamma;

/// One undecided kink entry.
#[derive(Clone, Debug)]
pub struct Symbol {
    /// The slope below zero.
    pub slope: f64,
    /// A proved lower bound of `z` on the box.
    pub lower: f64,
    /// A proved upper bound.
    pub upper: f64,
    /// See the module.
    pub error: f64,
    /// See the module.
    pub magnitude: f64,
    /// It enters the objective alone, with a sign that makes it concave there.
    pub concave_tail: bool,
}

impl Symbol {
    /// Whether the kink is convex: then any slope between its two gives a line below it.
    pub fn convex(&self) -> bool {
        self.slope <= 1.0
    }

    /// The line through the two ends, as slope and constant.
    pub fn chord(&self) -> (f64, f64) {
        let slope = (self.upper - self.slope * self.lower) / (self.upper - self.lower);
        (slope, self.upper * (1.0 - slope))
    }

    /// The free slope that leaves the smaller area: the branch of the longer side.
    pub fn adaptive_slope(&self) -> f64 {
        if self.upper > -self.lower {
            1.0
        } else {
            self.slope
        }
    }

    /// The value of the kink.
    pub fn value(&self, z: f64) -> f64 {
        if z >= 0.0 { z } else { self.slope * z }
    }

    /// The largest magnitude of `h` on the box.
    pub fn reach(&self) -> f64 {
        self.upper.abs().max(self.lower.abs()) * self.slope.abs().max(1.0)
    }

    /// What eliminating the symbol by a line with this slope and constant costs, for each unit of its coefficient.
    pub fn margin(&self, slope: f64, constant: f64, gamma: f64) -> f64 {
        let steepest = 2.0 * self.slope.abs().max(1.0);
        slope.abs() * self.error + gamma * (steepest * self.magnitude + constant.abs())
    }
}

/// What replaces a symbol that is eliminated.
#[derive(Clone, Copy)]
pub struct Line {
    /// The slope.
    pub slope: f64,
    /// The constant.
    pub constant: f64,
    /// What rounding costs, for each unit of the coefficient.
    pub margin: f64,
    /// Whether the slope may be any between those of the two branches.
    pub free: bool,
}

impl Line {
    /// The line for negative and for positive coefficients.
    pub fn both(symbol: &Symbol, gamma: f64) -> [Line; 2] {
        let (slope, constant) = symbol.chord();
        let chord = Line {
            slope,
            constant,
            margin: symbol.margin(slope, constant, gamma),
            free: false,
        };
        // Whatever the free slope, it is no steeper than the branches.
        let steepest = symbol.slope.abs().max(1.0);
        let margin = symbol.margin(steepest, 0.0, gamma);
        let free = Line {
            slope: symbol.adaptive_slope(),
            constant: 0.0,
            margin,
            free: true,
        };
        if symbol.convex() {
            [chord, free]
        } else {
            [free, chord]
        }
    }
}

/// Symbols that do not depend on one another.
#[derive(Clone, Debug)]
pub struct Layer {
    /// The first of its symbols.
    pub first: usize,
    /// The rows of their `z`, over `(x, 1, symbols before the first)`.
    pub rows: Rows,
}

/// What a cap makes of its rows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Shape {
    /// A kink with this slope below zero, of one row.
    Kink(f64),
    /// The Euclidean norm.
    Norm,
    /// The largest.
    Largest,
}

/// A convex function of some rows of the caps.
#[derive(Clone, Debug)]
pub struct Cap {
    /// The function.
    pub shape: Shape,
    /// Its first row.
    pub first: usize,
    /// The number of its rows.
    pub count: usize,
}

/// Rows with what is known of their rounding.
#[derive(Clone, Debug, Default)]
pub struct MarkedRows {
    /// The rows.
    pub rows: Rows,
    /// The error of each.
    pub error: Vec<f64>,
    /// The magnitude of each.
    pub magnitude: Vec<f64>,
}

/// See the module.
#[derive(Clone, Debug)]
pub struct Reduced {
    /// The number of design variables.
    pub inputs: usize,
    /// The undecided kinks, layer after layer.
    pub symbols: Vec<Symbol>,
    /// Their rows.
    pub layers: Vec<Layer>,
    /// By symbol, the mean magnitude of the input coefficients of its two substituted forms.
    pub influence: Rows,
    /// The convex functions.
    pub caps: Arc<[Cap]>,
    /// What they act on.
    pub cap_rows: MarkedRows,
    /// The objective and the constraints.
    pub heads: MarkedRows,
    /// Their coefficients of the caps, none negative.
    pub head_caps: Rows,
    /// For each symbol of a concave tail, the forms below `z` and below `-z`.
    pub tail_forms: Rows,
}

/// A network that waits with its boxes: its bytes are on an account while it lives.
#[derive(Debug)]
pub struct Kept {
    network: Reduced,
    account: Arc<AtomicUsize>,
}

impl Kept {
    /// Puts the network on the account.
    pub fn new(network: Reduced, account: &Arc<AtomicUsize>) -> Arc<Self> {
        account.fetch_add(network.bytes(), Ordering::Relaxed);
        Arc::new(Kept {
            network,
            account: account.clone(),
        })
    }
}

impl Deref for Kept {
    type Target = Reduced;
    fn deref(&self) -> &Reduced {
        &self.network
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        self.account
            .fetch_sub(self.network.bytes(), Ordering::Relaxed);
    }
}

/// Bounds of rows, and the forms over `(x, 1)` that gave them.
pub struct RowBounds {
    /// The lower bounds.
    pub lower: Vec<f64>,
    /// The upper bounds.
    pub upper: Vec<f64>,
    /// For row `r`, a form below it (`2 r`) and one below its negative (`2 r + 1`), margins taken off.
    pub forms: Rows,
}

impl Reduced {
    /// A network without symbols, caps and heads.
    pub fn new(inputs: usize) -> Self {
        let over_inputs = Rows {
            width: inputs + 1,
            data: Vec::new(),
        };
        Reduced {
            inputs,
            symbols: Vec::new(),
            layers: Vec::new(),
            influence: Rows {
                width: inputs,
                data: Vec::new(),
            },
            caps: Arc::new([]),
            cap_rows: MarkedRows {
                rows: over_inputs.clone(),
                ..MarkedRows::default()
            },
            heads: MarkedRows {
                rows: over_inputs,
                ..MarkedRows::default()
            },
            head_caps: Rows::default(),
            tail_forms: Rows {
                width: 2 * (inputs + 1),
                data: Vec::new(),
            },
        }
    }

    /// The number of columns before the symbols.
    pub fn base(&self) -> usize {
        self.inputs + 1
    }

    /// The number of columns.
    pub fn width(&self) -> usize {
        self.base() + self.symbols.len()
    }

    /// The number of constraints.
    pub fn constraints(&self) -> usize {
        self.heads.error.len() - 1
    }

    /// The relative margin of the sums in an elimination.
    pub fn gamma(&self) -> f64 {
        gamma(2 * (self.width() + self.cap_rows.error.len() + self.heads.error.len()))
    }

    /// Bytes taken.
    pub fn bytes(&self) -> usize {
        let numbers = self.layers.iter().map(|l| l.rows.data.len()).sum::<usize>()
            + self.influence.data.len()
            + self.cap_rows.rows.data.len()
            + self.heads.rows.data.len()
            + self.tail_forms.data.len();
        8 * numbers + size_of::<Symbol>() * self.symbols.len() + size_of::<Self>()
    }

    /// The magnitudes of rows on a box: the sums of those of their terms.
    pub fn magnitudes(&self, rows: &Rows, reach: &[f64]) -> Vec<f64> {
        let mut reaches = Vec::with_capacity(rows.width);
        reaches.extend_from_slice(reach);
        reaches.push(1.0);
        reaches.extend(
            self.symbols[..rows.width - reaches.len()]
                .iter()
                .map(Symbol::reach),
        );
        let (mut middle, mut spread) = (vec![0.0; rows.count()], vec![0.0; rows.count()]);
        ranges(
            &rows.data,
            &vec![0.0; rows.width],
            &reaches,
            &mut middle,
            &mut spread,
        );
        spread
    }

    /// The lines that stand for the symbols, as arrays.
    fn lines(&self) -> Lines {
        let gamma = self.gamma();
        let mut lines = Lines::default();
        for symbol in &self.symbols {
            for (side, line) in Line::both(symbol, gamma).into_iter().enumerate() {
                lines.slope[side].push(line.slope);
                lines.constant[side].push(line.constant);
                lines.margin[side].push(line.margin);
                lines.free[side].push(f64::from(u8::from(line.free)));
            }
            lines.below.push(symbol.slope);
        }
        lines
    }

    /// Replaces every symbol in some forms by lines below it (or above, by the sign of its coefficient).
    ///
    /// `forms` become forms over `(x, 1)` below what they were, once `margins` is taken off. `slopes` holds the free
    /// slopes by form and symbol (the adaptive ones without it); `coefficients` receives what was eliminated.
    pub fn eliminate(
        &self,
        forms: Rows,
        margins: &mut [f64],
        slopes: Option<&Rows>,
        mut coefficients: Option<&mut Rows>,
    ) -> Rows {
        let (base, count, stride) = (self.base(), forms.count(), forms.width);
        let mut data = forms.data;
        let lines = self.lines();
        for layer in self.layers.iter().rev() {
            let (first, size) = (layer.first, layer.rows.count());
            if base + first >= stride {
                continue;
            }
            let mut factors = Rows::zeros(count, size);
            for r in 0..count {
                let form = &mut data[r * stride..][..stride];
                let (before, own) = form.split_at_mut(base + first);
                let (q, moved) = (&own[..size], slopes.map(|slopes| slopes.row(r)));
                let mut sums = [0.0; 2];
                replace(q, &lines, first, moved, factors.row_mut(r), &mut sums);
                before[base - 1] += sums[0];
                margins[r] += sums[1];
                if let Some(kept) = coefficients.as_deref_mut() {
                    kept.row_mut(r)[first..first + size].copy_from_slice(q);
                }
            }
            add_product(&mut data, stride, &factors, &layer.rows);
        }
        let kept = data.chunks(stride.max(1)).flat_map(|form| &form[..base]);
        Rows {
            width: base,
            data: kept.copied().collect(),
        }
    }

    /// Bounds of rows on the box (and wherever the limits hold), by lines and by intervals.
    ///
    /// With `moves`, the slopes of rows that stay undecided are moved once along the supergradient.
    pub fn bound_rows(
        &self,
        marked: &MarkedRows,
        cell: &Cell,
        limits: &[Limit],
        moves: bool,
    ) -> RowBounds {
        let (rows, count) = (&marked.rows, marked.rows.count());
        let mut bounds = RowBounds {
            lower: Vec::with_capacity(count),
            upper: Vec::with_capacity(count),
            forms: Rows::zeros(2 * count, self.base()),
        };
        let (centres, radii) = self.columns(cell, rows.width);
        let mut middle = vec![0.0; count];
        let mut spread: Vec<f64> = (0..count).map(|r| self.margin_of(marked, r)).collect();
        ranges(&rows.data, &centres, &radii, &mut middle, &mut spread);
        for (centre, radius) in middle.iter().zip(&spread) {
            bounds.lower.push(centre - radius);
            bounds.upper.push(centre + radius);
        }
        let undecided: Vec<usize> = (0..count)
            .filter(|&r| bounds.lower[r] < 0.0 && bounds.upper[r] > 0.0)
            .collect();
        let mut coefficients = Rows::zeros(
            if moves { 2 * undecided.len() } else { 0 },
            self.symbols.len(),
        );
        let kept = moves.then_some(&mut coefficients);
        let forms = self.bound_by_forms(marked, &undecided, cell, limits, None, kept, &mut bounds);
        if moves {
            let slopes = self.moved_slopes(&forms, &coefficients, cell);
            self.bound_by_forms(
                marked,
                &undecided,
                cell,
                limits,
                Some(&slopes),
                None,
                &mut bounds,
            );
        }
        bounds
    }

    /// The margin of a row before anything is eliminated from it.
    fn margin_of(&self, marked: &MarkedRows, row: usize) -> f64 {
        marked.error[row] + self.gamma() * marked.magnitude[row]
    }

    /// Middle and half of the range of every column.
    fn columns(&self, cell: &Cell, width: usize) -> (Vec<f64>, Vec<f64>) {
        let mut centres = cell.centre();
        let mut radii: Vec<f64> = cell.widths().iter().map(|w| 0.5 * w).collect();
        centres.push(1.0);
        radii.push(0.0);
        for symbol in &self.symbols[..width - self.base()] {
            let (a, b) = (symbol.value(symbol.lower), symbol.value(symbol.upper));
            let low = a.min(b).min(if symbol.slope < 0.0 { 0.0 } else { a });
            let high = a.max(b).max(if symbol.slope < 0.0 { 0.0 } else { b });
            centres.push(0.5 * (low + high));
            radii.push(0.5 * (high - low));
        }
        (centres, radii)
    }

    #[allow(clippy::too_many_arguments)]
    fn bound_by_forms(
        &self,
        marked: &MarkedRows,
        chosen: &[usize],
        cell: &Cell,
        limits: &[Limit],
        slopes: Option<&Rows>,
        coefficients: Option<&mut Rows>,
        bounds: &mut RowBounds,
    ) -> Rows {
        let width = marked.rows.width;
        let mut data = Vec::with_capacity(2 * chosen.len() * width);
        let mut margins = Vec::with_capacity(2 * chosen.len());
        for &r in chosen {
            data.extend_from_slice(marked.rows.row(r));
            data.extend(marked.rows.row(r).iter().map(|v| -v));
            margins.extend([self.margin_of(marked, r); 2]);
        }
        let forms = self.eliminate(Rows { width, data }, &mut margins, slopes, coefficients);
        let mut tightened = forms.clone();
        for (place, &r) in chosen.iter().enumerate() {
            for side in 0..2 {
                let index = 2 * place + side;
                let form = tightened.row_mut(index);
                let mut margin = margins[index];
                for limit in limits {
                    margin += limit.tighten(form, cell).margin;
                }
                let value = cell.minimum(form) - margin;
                let known = if side == 0 {
                    bounds.lower[r]
                } else {
                    -bounds.upper[r]
                };
                if slopes.is_none() || value > known {
                    let kept = bounds.forms.row_mut(2 * r + side);
                    kept.copy_from_slice(forms.row(index));
                    kept[self.inputs] -= margins[index];
                }
                if value > known {
                    if side == 0 {
                        bounds.lower[r] = value;
                    } else {
                        bounds.upper[r] = -value;
                    }
                }
            }
        }
        tightened
    }

    /// Free slopes, moved from the adaptive ones half way towards the branch that the kink is on at each form's minimiser.
    fn moved_slopes(&self, forms: &Rows, coefficients: &Rows, cell: &Cell) -> Rows {
        let (count, lines) = (forms.count(), self.lines());
        let mut values = Rows::zeros(count, self.width());
        let mut slopes = Rows::zeros(count, self.symbols.len());
        for r in 0..count {
            values.row_mut(r)[..self.inputs].copy_from_slice(&cell.minimiser(forms.row(r)));
            values.row_mut(r)[self.inputs] = 1.0;
        }
        for layer in &self.layers {
            let z = products(&values, &layer.rows);
            let (first, column) = (layer.first, self.base() + layer.first);
            for r in 0..count {
                let values = &mut values.row_mut(r)[column..];
                move_slopes(
                    coefficients.row(r),
                    &lines,
                    first,
                    z.row(r),
                    slopes.row_mut(r),
                    values,
                );
            }
        }
        slopes
    }

    /// `(x, 1, h)` with the symbols computed one after another by `rule`, from number, symbol and `z`.
    pub fn extend(&self, x: &[f64], mut rule: impl FnMut(usize, &Symbol, f64) -> f64) -> Vec<f64> {
        let mut values = Vec::with_capacity(self.width());
        values.extend_from_slice(x);
        values.push(1.0);
        let mut z = Vec::new();
        for layer in &self.layers {
            z.resize(layer.rows.count(), 0.0);
            dots(&layer.rows.data, &values, &mut z);
            for (k, &z) in z.iter().enumerate() {
                let k = layer.first + k;
                values.push(rule(k, &self.symbols[k], z));
            }
        }
        values
    }

    /// Objective and worst constraint of the graph at a point of the box.
    pub fn evaluate(&self, x: &[f64]) -> (f64, f64) {
        let values = self.extend(x, |_, symbol, z| symbol.value(z));
        let mut rows = vec![0.0; self.cap_rows.error.len()];
        dots(&self.cap_rows.rows.data, &values, &mut rows);
        let caps: Vec<f64> = self.caps.iter().map(|cap| cap.value(&rows)).collect();
        let mut heads = vec![0.0; self.heads.error.len()];
        dots(&self.heads.rows.data, &values, &mut heads);
        for (h, head) in heads.iter_mut().enumerate() {
            *head += (self.head_caps.row(h).iter().zip(&caps))
                .map(|(q, c)| q * c)
                .sum::<f64>();
        }
        (heads[0], heads[1..].iter().copied().fold(0.0, f64::max))
    }
}

impl Symbol {
    /// The slope of the branch that holds `z`.
    pub fn branch(&self, z: f64) -> f64 {
        if z >= 0.0 { 1.0 } else { self.slope }
    }
}

impl Cap {
    /// Its rows.
    pub fn range(&self) -> Range<usize> {
        self.first..self.first + self.count
    }

    /// Its value, from all rows of the caps.
    pub fn value(&self, rows: &[f64]) -> f64 {
        let rows = &rows[self.first..][..self.count];
        match self.shape {
            Shape::Kink(slope) => {
                if rows[0] >= 0.0 {
                    rows[0]
                } else {
                    slope * rows[0]
                }
            }
            Shape::Norm => rows.iter().map(|r| r * r).sum::<f64>().sqrt(),
            Shape::Largest => rows.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        }
    }

    /// Weights with which the rows touch the function at a point.
    pub fn tangent(&self, rows: &[f64], weights: &mut [f64]) {
        let rows = &rows[self.first..][..self.count];
        let weights = &mut weights[self.first..][..self.count];
        match self.shape {
            Shape::Kink(slope) => weights[0] = if rows[0] >= 0.0 { 1.0 } else { slope },
            Shape::Norm => {
                let norm = rows.iter().map(|r| r * r).sum::<f64>().sqrt();
                // A hair shorter than one, so that rounding cannot make the weights longer than a unit vector.
                let factor = if norm > 0.0 {
                    (1.0 - 1e-14) / norm
                } else {
                    0.0
                };
                weights
                    .iter_mut()
                    .zip(rows)
                    .for_each(|(w, r)| *w = factor * r);
            }
            Shape::Largest => {
                let largest =
                    (0..rows.len()).max_by(|&a, &b| rows[a].total_cmp(&rows[b]).then(b.cmp(&a)));
                weights.fill(0.0);
                weights[largest.unwrap_or(0)] = 1.0;
            }
        }
    }

    /// The nearest weights that give a row below the function.
    pub fn project(&self, weights: &mut [f64]) {
        let weights = &mut weights[self.first..][..self.count];
        match self.shape {
            Shape::Kink(slope) => weights[0] = weights[0].clamp(slope, 1.0),
            Shape::Norm => {
                let norm = weights.iter().map(|w| w * w).sum::<f64>().sqrt();
                if norm > 1.0 - 1e-14 {
                    weights.iter_mut().for_each(|w| *w *= (1.0 - 1e-14) / norm);
                }
            }
            Shape::Largest => project_to_simplex(weights),
        }
    }
}

/// The nearest point with non-negative entries that sum to one (Held, Wolfe, Crowder 1974).
fn project_to_simplex(weights: &mut [f64]) {
    let mut sorted = weights.to_vec();
    sorted.sort_unstable_by(|a, b| b.total_cmp(a));
    let (mut sum, mut shift) = (0.0, 0.0);
    for (k, w) in sorted.iter().enumerate() {
        sum += w;
        let candidate = (sum - 1.0) / (k + 1) as f64;
        if *w > candidate {
            shift = candidate;
        }
    }
    weights.iter_mut().for_each(|w| *w = (*w - shift).max(0.0));
    // Where the weights were large, rounding has left more than one, or nothing.
    let sum: f64 = weights.iter().sum();
    if sum > 0.0 && sum.is_finite() {
        weights.iter_mut().for_each(|w| *w /= sum);
    } else {
        weights.fill(1.0 / weights.len() as f64);
    }
}
