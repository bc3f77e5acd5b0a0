//! Bounds of rows on a box: every symbol is replaced by a line, from the last layer to the first.

use super::cell::{Cell, Limit};
use super::kernel::{Rows, add_product, move_slopes, multiply_blocks, ranges, replace};
use super::lines::Lines;
use super::reduced::{MarkedRows, Reduced};
use super::scratch::Scratch;

/// Bounds of rows, and the forms over `(x, 1)` that gave them.
pub struct RowBounds {
    /// The lower bounds.
    pub lower: Vec<f64>,
    /// The upper bounds.
    pub upper: Vec<f64>,
    /// For row `r`, a form below it (`2 r`) and one below its negative (`2 r + 1`), margins taken off.
    pub forms: Rows,
    /// As many rows of free slopes, with which the forms were found, if they were moved; those of decided rows hold anything.
    pub slopes: Option<Scratch>,
}

/// Slopes to begin with, and then to move.
pub trait Start {
    /// Writes a slope of each symbol, for the form below a row or below its negative.
    fn write(&self, row: usize, side: usize, slopes: &mut [f64]);
}

/// What rows are bounded with.
pub struct Frame<'a> {
    /// The box.
    pub cell: &'a Cell,
    /// What holds in it besides.
    pub limits: &'a [Limit],
    /// The lines of the symbols.
    pub lines: &'a Lines,
}

/// What a pass leaves to move slopes by, for each form.
struct Passed {
    /// The coefficient with which each symbol was eliminated.
    coefficients: Scratch,
    /// Where the form is least.
    points: Scratch,
}

impl Reduced {
    /// Replaces every symbol in some forms by lines below it (or above, by the sign of its coefficient).
    ///
    /// The first columns of `forms` become forms over `(x, 1)` below what they were, once `margins` is taken off. `slopes`
    /// holds the free slopes by form and symbol (the adaptive ones without it); `coefficients` receives what was eliminated.
    pub fn eliminate(
        &self,
        forms: &mut Rows,
        margins: &mut [f64],
        lines: &Lines,
        slopes: Option<&Rows>,
        mut coefficients: Option<&mut Rows>,
    ) {
        let (base, count, stride) = (self.base(), forms.count(), forms.width);
        for layer in self.layers.iter().rev() {
            let (first, size) = (layer.first, layer.rows.count());
            if base + first >= stride {
                continue;
            }
            let mut factors = Scratch::rows(count, size);
            for (r, margin) in margins.iter_mut().enumerate() {
                let (before, own) = forms.row_mut(r).split_at_mut(base + first);
                let (q, mut sums) = (&own[..size], [0.0; 2]);
                let slopes = slopes.map_or(&lines.adaptive[..], |slopes| slopes.row(r));
                replace(q, lines, first, slopes, factors.row_mut(r), &mut sums);
                before[base - 1] += sums[0];
                *margin += sums[1];
                if let Some(kept) = coefficients.as_deref_mut() {
                    kept.row_mut(r)[first..first + size].copy_from_slice(q);
                }
            }
            add_product(&mut forms.data, stride, &factors, &layer.rows);
        }
    }

    /// Bounds of rows on the box (and wherever the limits hold), by lines and by intervals.
    ///
    /// With a `start`, the slopes of rows that stay undecided are moved once from there along the supergradient.
    pub fn bound_rows(
        &self,
        marked: &MarkedRows,
        frame: &Frame<'_>,
        start: Option<&dyn Start>,
    ) -> RowBounds {
        let count = marked.rows.count();
        let mut bounds = self.intervals(marked, frame.cell);
        let undecided = bounds.undecided(0..count);
        let symbols = self.symbols.len();
        let Some(start) = start else {
            self.bound_by_forms(marked, &undecided, frame, None, None, &mut bounds);
            return bounds;
        };
        let mut passed = Passed {
            coefficients: Scratch::rows(2 * undecided.len(), symbols),
            points: Scratch::rows(2 * undecided.len(), self.inputs),
        };
        let kept = Some(&mut passed);
        self.bound_by_forms(marked, &undecided, frame, None, kept, &mut bounds);
        let left = bounds.undecided(undecided.iter().copied());
        if left.is_empty() {
            return bounds;
        }
        let mut best = Scratch::rows(2 * count, symbols);
        for r in left.iter().flat_map(|r| [2 * r, 2 * r + 1]) {
            best.row_mut(r).copy_from_slice(&frame.lines.adaptive);
        }
        bounds.slopes = Some(best);
        // The rows that are left, by their places among those that were undecided.
        let mut places = Vec::with_capacity(2 * left.len());
        let mut slopes = Scratch::rows(2 * left.len(), symbols);
        for (place, row) in undecided.iter().enumerate() {
            if left.binary_search(row).is_ok() {
                for side in 0..2 {
                    start.write(*row, side, slopes.row_mut(places.len()));
                    places.push(2 * place + side);
                }
            }
        }
        self.move_slopes(&places, &passed, frame, &mut slopes);
        let moved = Some(&*slopes);
        self.bound_by_forms(marked, &left, frame, moved, None, &mut bounds);
        bounds
    }

    /// The same on the box alone.
    pub fn bound_rows_of_box(&self, marked: &MarkedRows, cell: &Cell) -> RowBounds {
        let frame = Frame {
            cell,
            limits: &[],
            lines: &self.lines(),
        };
        self.bound_rows(marked, &frame, None)
    }

    /// Bounds by intervals alone.
    fn intervals(&self, marked: &MarkedRows, cell: &Cell) -> RowBounds {
        let (rows, count) = (&marked.rows, marked.rows.count());
        let (centres, radii) = self.columns(cell, rows.width);
        let mut middle = vec![0.0; count];
        let mut spread: Vec<f64> = (0..count).map(|r| self.margin_of(marked, r)).collect();
        ranges(&rows.data, &centres, &radii, &mut middle, &mut spread);
        let pairs = || middle.iter().zip(&spread);
        RowBounds {
            lower: pairs().map(|(centre, radius)| centre - radius).collect(),
            upper: pairs().map(|(centre, radius)| centre + radius).collect(),
            forms: Rows::zeros(2 * count, self.base()),
            slopes: None,
        }
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

    /// Improves the bounds of some rows by two forms for each of them.
    fn bound_by_forms(
        &self,
        marked: &MarkedRows,
        chosen: &[usize],
        frame: &Frame<'_>,
        slopes: Option<&Rows>,
        mut passed: Option<&mut Passed>,
        bounds: &mut RowBounds,
    ) {
        let base = self.base();
        let mut forms = Scratch::rows(2 * chosen.len(), marked.rows.width);
        let mut margins = Vec::with_capacity(2 * chosen.len());
        for (place, &r) in chosen.iter().enumerate() {
            let row = marked.rows.row(r);
            forms.row_mut(2 * place).copy_from_slice(row);
            let negative = forms.row_mut(2 * place + 1);
            negative.iter_mut().zip(row).for_each(|(n, v)| *n = -v);
            margins.extend([self.margin_of(marked, r); 2]);
        }
        let coefficients = passed.as_mut().map(|passed| &mut *passed.coefficients);
        self.eliminate(&mut forms, &mut margins, frame.lines, slopes, coefficients);
        let mut plain = vec![0.0; base];
        for (index, margin) in margins.iter().enumerate() {
            let (r, side) = (chosen[index / 2], index % 2);
            let form = &mut forms.row_mut(index)[..base];
            plain.copy_from_slice(form);
            let (mut lost, mut balancing) = (*margin, None);
            for limit in frame.limits {
                let tightened = limit.tighten(form, frame.cell);
                lost += tightened.margin;
                balancing = tightened.balancing;
            }
            let value = frame.cell.minimum(form) - lost;
            if let Some(passed) = &mut passed {
                let point = passed.points.row_mut(index);
                frame.cell.write_minimiser(form, point);
                if let [limit] = frame.limits {
                    limit.balance(point, frame.cell, balancing);
                }
            }
            let is_better = bounds.raise(r, side, value);
            if slopes.is_none() || is_better {
                plain[base - 1] -= margin;
                bounds.forms.row_mut(2 * r + side).copy_from_slice(&plain);
                if let (Some(kept), Some(slopes)) = (&mut bounds.slopes, slopes) {
                    kept.row_mut(2 * r + side)
                        .copy_from_slice(slopes.row(index));
                }
            }
        }
    }

    /// Moves free slopes half way towards the branch that the kink is on at the minimiser of each of some forms.
    fn move_slopes(&self, places: &[usize], passed: &Passed, frame: &Frame<'_>, slopes: &mut Rows) {
        let (count, base, width) = (places.len(), self.base(), self.width());
        let mut values = Scratch::rows(count, width);
        for (r, &place) in places.iter().enumerate() {
            let values = values.row_mut(r);
            values[..base - 1].copy_from_slice(passed.points.row(place));
            values[base - 1] = 1.0;
        }
        for layer in &self.layers {
            let (first, inner, size) = (layer.first, layer.rows.width, layer.rows.count());
            let transposed = layer.rows.transposed();
            let mut z = Scratch::rows(count, size);
            z.data.fill(0.0);
            let shape = [count, inner, size];
            multiply_blocks(
                shape,
                [width, size],
                &values.data,
                &transposed.data,
                &mut z.data,
            );
            for (r, &place) in places.iter().enumerate() {
                let values = &mut values.row_mut(r)[base + first..];
                let (q, slopes) = (passed.coefficients.row(place), slopes.row_mut(r));
                move_slopes(q, frame.lines, first, z.row(r), slopes, values);
            }
        }
    }
}

impl RowBounds {
    /// Those of some rows whose sign is not known.
    fn undecided(&self, rows: impl Iterator<Item = usize>) -> Vec<usize> {
        rows.filter(|&r| self.lower[r] < 0.0 && self.upper[r] > 0.0)
            .collect()
    }

    /// Takes a value below a row (or below its negative); true if it was not known.
    fn raise(&mut self, row: usize, side: usize, value: f64) -> bool {
        let (bound, sign) = if side == 0 {
            (&mut self.lower[row], 1.0)
        } else {
            (&mut self.upper[row], -1.0)
        };
        let is_better = value > sign * *bound;
        if is_better {
            *bound = sign * value;
        }
        is_better
    }
}
