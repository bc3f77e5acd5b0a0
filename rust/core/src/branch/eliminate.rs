//! Bounds of rows on a box: every symbol is replaced by a line, from the last layer to the first.

use super::cell::{Cell, Limit};
use super::kernel::{Rows, add_product, move_slopes, products, ranges, replace};
use super::lines::Lines;
use super::reduced::{MarkedRows, Reduced};
use super::symbol::Symbol;

/// Bounds of rows, and the forms over `(x, 1)` that gave them.
pub struct RowBounds {
    /// The lower bounds.
    pub lower: Vec<f64>,
    /// The upper bounds.
    pub upper: Vec<f64>,
    /// For row `r`, a form below it (`2 r`) and one below its negative (`2 r + 1`), margins taken off.
    pub forms: Rows,
    /// As many rows of free slopes, with which the forms were found; none if they are not kept.
    pub slopes: Rows,
}

/// Slopes to begin with, and then to move.
pub trait Start {
    /// Whether the slopes that are best are wanted afterwards.
    fn is_kept(&self) -> bool;

    /// Writes a slope of each symbol, for the form below a row or below its negative.
    fn write(&self, row: usize, side: usize, slopes: &mut [f64]);
}

impl Reduced {
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
        let lines = Lines::new(self);
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
    /// With a `start`, the slopes of rows that stay undecided are moved once from there along the supergradient.
    pub fn bound_rows(
        &self,
        marked: &MarkedRows,
        cell: &Cell,
        limits: &[Limit],
        start: Option<&dyn Start>,
    ) -> RowBounds {
        let (rows, count) = (&marked.rows, marked.rows.count());
        let mut bounds = RowBounds {
            lower: Vec::with_capacity(count),
            upper: Vec::with_capacity(count),
            forms: Rows::zeros(2 * count, self.base()),
            slopes: Rows::default(),
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
        let Some(start) = start else {
            self.bound_by_forms(marked, &undecided, cell, limits, None, None, &mut bounds);
            return bounds;
        };
        let mut coefficients = Rows::zeros(2 * undecided.len(), self.symbols.len());
        let kept = Some(&mut coefficients);
        let forms = self.bound_by_forms(marked, &undecided, cell, limits, None, kept, &mut bounds);
        if !undecided.is_empty() {
            let mut slopes = Rows::zeros(2 * undecided.len(), self.symbols.len());
            if start.is_kept() {
                let adaptive: Vec<f64> = self.symbols.iter().map(Symbol::adaptive_slope).collect();
                bounds.slopes = Rows {
                    width: adaptive.len(),
                    data: adaptive.repeat(2 * count),
                };
            }
            for (place, &r) in undecided.iter().enumerate() {
                for side in 0..2 {
                    start.write(r, side, slopes.row_mut(2 * place + side));
                }
            }
            self.move_slopes(&forms, &coefficients, cell, &mut slopes);
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
                    if let Some(slopes) = slopes
                        && bounds.slopes.width > 0
                    {
                        let kept = bounds.slopes.row_mut(2 * r + side);
                        kept.copy_from_slice(slopes.row(index));
                    }
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

    /// Moves free slopes half way towards the branch that the kink is on at each form's minimiser.
    fn move_slopes(&self, forms: &Rows, coefficients: &Rows, cell: &Cell, slopes: &mut Rows) {
        let (count, lines) = (forms.count(), Lines::new(self));
        let mut values = Rows::zeros(count, self.width());
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
    }
}
