//! Linear forms carried back through a relaxation, with the margin of every rounding on the way.

use super::forms::Forms;
use super::lines::{GroupLine, KinkLines};
use super::relaxation::{Relaxation, Step};
use super::rounding::{UNIT_ROUNDOFF, gamma};
use crate::graph::Operation;

/// Linear forms on their way back: coefficients at every node that has not been passed yet.
pub(super) struct Carried<'l> {
    pub rows: usize,
    /// At every node, once something has arrived there.
    pub coefficients: Vec<Vec<f64>>,
    pub constants: Vec<f64>,
    pub margins: Vec<f64>,
    /// Lines of kinks for these forms alone; the relaxation's own where there are none.
    pub lines: Option<&'l [Option<KinkLines>]>,
    /// For one form: the coefficients at every kink that was passed.
    pub passed: Option<Vec<Vec<f64>>>,
}

impl Relaxation<'_> {
    /// Linear forms of the input below `rows` given forms of a node (`rows * size(node)` coefficients).
    ///
    /// # Panics
    /// When the number of coefficients is wrong.
    pub fn below(&self, node: usize, coefficients: &[f64], rows: usize) -> Forms {
        assert_eq!(coefficients.len(), rows * self.graph.size(node));
        let mut carried = self.nothing(rows);
        carried.coefficients[node] = coefficients.to_vec();
        self.carry(carried, node)
    }

    /// Linear forms of the input above `rows` given forms of a node.
    ///
    /// # Panics
    /// When the number of coefficients is wrong.
    pub fn above(&self, node: usize, coefficients: &[f64], rows: usize) -> Forms {
        let negated: Vec<f64> = coefficients.iter().map(|value| -value).collect();
        self.below(node, &negated, rows).negate()
    }

    pub(super) fn nothing(&self, rows: usize) -> Carried<'_> {
        Carried {
            rows,
            coefficients: vec![Vec::new(); self.graph.nodes().len()],
            constants: vec![0.0; rows],
            margins: vec![0.0; rows],
            lines: None,
            passed: None,
        }
    }

    /// The forms `sign * entry` of a node for a range of its entries. At an affine node they start from
    /// its weights, which saves a product with the identity.
    pub(super) fn below_entries(&self, node: usize, first: usize, rows: usize, sign: f64) -> Forms {
        let mut carried = self.nothing(rows);
        let Operation::Affine { terms, bias } = &self.graph.nodes()[node].operation else {
            let size = self.graph.size(node);
            let mut identity = vec![0.0; rows * size];
            (0..rows).for_each(|row| identity[row * size + first + row] = sign);
            carried.coefficients[node] = identity;
            return self.carry(carried, node);
        };
        for (source, matrix) in terms {
            let target = self.opened(&mut carried, *source, 1);
            for row in 0..rows {
                let target = &mut target[row * matrix.columns()..][..matrix.columns()];
                matrix.visit_row(first + row, |column, weight| {
                    target[column] += sign * weight
                });
            }
        }
        for row in 0..rows {
            carried.constants[row] = sign * bias[first + row];
            if let Step::Affine(slack) = &self.nodes[node].step {
                carried.margins[row] += slack[first + row];
            }
        }
        self.carry(carried, node)
    }

    /// The coefficients at a node, ready to be added to `additions` times: what that costs the coefficients
    /// already there goes to the margins.
    fn opened<'c>(
        &self,
        carried: &'c mut Carried<'_>,
        node: usize,
        additions: usize,
    ) -> &'c mut Vec<f64> {
        let size = self.graph.size(node);
        let coefficients = &mut carried.coefficients[node];
        if coefficients.is_empty() {
            coefficients.resize(carried.rows * size, 0.0);
        } else {
            let relative = gamma(additions);
            for (row, margin) in coefficients.chunks(size.max(1)).zip(&mut carried.margins) {
                *margin += relative * weighted(row, &self.nodes[node].magnitude);
            }
        }
        coefficients
    }

    /// Carries coefficients at `node` and before it back to the input.
    fn carry(&self, mut carried: Carried<'_>, node: usize) -> Forms {
        self.carry_back(&mut carried, node)
    }

    /// The same, leaving behind what was noted on the way.
    pub(super) fn carry_back(&self, carried: &mut Carried<'_>, node: usize) -> Forms {
        for index in (1..=node).rev() {
            let coefficients = std::mem::take(&mut carried.coefficients[index]);
            if coefficients.is_empty() {
                continue;
            }
            carried
                .margins
                .iter_mut()
                .for_each(|margin| *margin += self.nodes[index].underflow);
            match &self.nodes[index].step {
                Step::Input => {}
                Step::Affine(slack) => self.through_affine(carried, index, &coefficients, slack),
                Step::Kink(lines) => {
                    if let Some(passed) = &mut carried.passed {
                        passed[index].clone_from(&coefficients);
                    }
                    let own = carried.lines.and_then(|lines| lines[index].as_ref());
                    self.through_kink(carried, index, coefficients, own.unwrap_or(lines));
                }
                Step::Groups {
                    below,
                    above,
                    depth,
                } => {
                    self.through_groups(carried, index, &coefficients, [below, above], *depth);
                }
            }
        }
        let mut coefficients = std::mem::take(&mut carried.coefficients[0]);
        coefficients.resize(carried.rows * self.graph.input_size(), 0.0);
        Forms {
            coefficients,
            constants: std::mem::take(&mut carried.constants),
            margins: std::mem::take(&mut carried.margins),
        }
    }

    fn through_affine(
        &self,
        carried: &mut Carried<'_>,
        index: usize,
        coefficients: &[f64],
        slack: &[f64],
    ) {
        let Operation::Affine { terms, bias } = &self.graph.nodes()[index].operation else {
            return;
        };
        let rows = carried.rows;
        for (source, matrix) in terms {
            let target = self.opened(carried, *source, matrix.rows());
            matrix.add_transposed_product(coefficients, rows, target);
        }
        for (row, coefficients) in coefficients.chunks(bias.len().max(1)).enumerate() {
            let added: f64 = coefficients.iter().zip(bias).map(|(a, b)| a * b).sum();
            carried.constants[row] += added;
            // The slack holds the rounding of the products with the bias, this the addition of the sum.
            carried.margins[row] +=
                weighted(coefficients, slack) + gamma(1) * carried.constants[row].abs();
        }
    }

    fn through_kink(
        &self,
        carried: &mut Carried<'_>,
        index: usize,
        mut coefficients: Vec<f64>,
        lines: &KinkLines,
    ) {
        let Operation::Kink { source, .. } = &self.graph.nodes()[index].operation else {
            return;
        };
        let magnitude = &self.nodes[*source].magnitude;
        let size = magnitude.len();
        for (row, coefficients) in coefficients.chunks_mut(size.max(1)).enumerate() {
            let (mut constant, mut intercepts, mut slopes) = (0.0, 0.0, 0.0);
            for (j, coefficient) in coefficients.iter_mut().enumerate() {
                let q = *coefficient;
                let (slope, intercept) = if q > 0.0 {
                    (lines.lower_slope[j], lines.lower_intercept[j])
                } else {
                    (lines.upper_slope[j], lines.upper_intercept[j])
                };
                let added = if q == 0.0 { 0.0 } else { q * intercept };
                *coefficient = q * slope;
                constant += added;
                intercepts += added.abs();
                slopes += coefficient.abs() * magnitude[j];
            }
            carried.constants[row] += constant;
            carried.margins[row] += gamma(size) * intercepts
                + gamma(1) * carried.constants[row].abs()
                + 3.0 * UNIT_ROUNDOFF * slopes;
        }
        if carried.coefficients[*source].is_empty() {
            carried.coefficients[*source] = coefficients;
        } else {
            let target = self.opened(carried, *source, 1);
            target
                .iter_mut()
                .zip(&coefficients)
                .for_each(|(target, added)| *target += added);
        }
    }

    fn through_groups(
        &self,
        carried: &mut Carried<'_>,
        index: usize,
        coefficients: &[f64],
        [below, above]: [&[GroupLine]; 2],
        depth: usize,
    ) {
        let source = self.graph.nodes()[index].operation.sources()[0];
        let size = self.graph.size(source);
        let magnitude = &self.nodes[source].magnitude;
        self.opened(carried, source, depth);
        let Carried {
            coefficients: targets,
            constants,
            margins,
            ..
        } = carried;
        for (row, coefficients) in coefficients.chunks(below.len().max(1)).enumerate() {
            let target = &mut targets[source][row * size..][..size];
            let (mut constant, mut intercepts, mut slopes) = (0.0, 0.0, 0.0);
            for (i, &q) in coefficients.iter().enumerate() {
                if q == 0.0 {
                    continue;
                }
                let line = if q > 0.0 { &below[i] } else { &above[i] };
                constant += q * line.intercept;
                intercepts += (q * line.intercept).abs();
                for &(entry, slope) in &line.terms {
                    target[entry as usize] += q * slope;
                    slopes += (q * slope).abs() * magnitude[entry as usize];
                }
            }
            constants[row] += constant;
            margins[row] += gamma(below.len()) * intercepts
                + gamma(1) * constants[row].abs()
                + gamma(depth) * slopes;
        }
    }
}

/// `|a| · weights`.
fn weighted(a: &[f64], weights: &[f64]) -> f64 {
    a.iter()
        .zip(weights)
        .map(|(a, weight)| a.abs() * weight)
        .sum()
}
