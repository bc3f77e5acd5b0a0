//! The linear program of a region.

use super::rows::difference;
use super::{Decision, Piece, Regions};
use crate::graph::{Activations, Operation};
use crate::model::Domain;

/// What a row of a region's program says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum RowKind {
    /// Defines auxiliary columns.
    Definition = 0,
    /// Belongs to what must hold.
    Requirement = 1,
    /// The region ends here.
    Facet = 2,
}

/// A linear program: minimise `objective · v + offset` over columns `v`, of which the first are the inputs.
#[derive(Clone, Debug)]
pub struct Region {
    /// Coefficients of the columns.
    pub objective: Vec<f64>,
    /// The constant part of the objective.
    pub offset: f64,
    /// Bounds of the columns; discrete inputs, and those that a selection leaves out, are fixed.
    pub lower: Vec<f64>,
    /// See `lower`.
    pub upper: Vec<f64>,
    /// The columns at the design that the region was made for.
    pub point: Vec<f64>,
    /// Where every row starts; one more than there are rows.
    pub starts: Vec<usize>,
    /// The column of every coefficient.
    pub indices: Vec<u32>,
    /// The coefficients.
    pub data: Vec<f64>,
    /// The least activity of every row.
    pub row_lower: Vec<f64>,
    /// The largest activity of every row.
    pub row_upper: Vec<f64>,
    /// What the rows say.
    pub kinds: Vec<RowKind>,
    /// The decision behind every row and the side to take beyond it; none where there is nothing to decide.
    pub beyond: Vec<Option<(usize, u32)>>,
}

/// The linear forms of a node's entries: `rows` vectors of its size, for the constant and then for every column.
pub(super) struct Forms {
    pub rows: usize,
    pub values: Vec<f64>,
}

pub(super) struct Builder<'r> {
    pub regions: &'r Regions,
    pub pattern: &'r [u32],
    pub activations: Activations,
    pub facets: bool,
    pub forms: Vec<Forms>,
    pub region: Region,
}

impl Regions {
    /// The program of a pattern, around a design that discrete inputs and selections are taken from.
    /// Without `facets`, the linear forms of the pattern are taken for true everywhere.
    ///
    /// # Panics
    /// When the pattern does not have a side for every decision, or `x` is not one design.
    pub fn region(&self, pattern: &[u32], x: &[f64], facets: bool) -> Region {
        assert!(self.is_pattern(pattern));
        let (lower, upper) = self.limits(x);
        let mut builder = Builder {
            regions: self,
            pattern,
            activations: self.model.graph.evaluate(x, 1),
            facets,
            forms: Vec::new(),
            region: Region {
                objective: Vec::new(),
                offset: 0.0,
                lower,
                upper,
                point: x.to_vec(),
                starts: vec![0],
                indices: Vec::new(),
                data: Vec::new(),
                row_lower: Vec::new(),
                row_upper: Vec::new(),
                kinds: Vec::new(),
                beyond: Vec::new(),
            },
        };
        builder.nodes();
        for stated in &self.stated {
            builder.state(stated, None);
        }
        builder.finish()
    }

    /// Bounds of the inputs.
    fn limits(&self, x: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let model = &self.model;
        let (mut lower, mut upper) = (model.lower.clone(), model.upper.clone());
        let mut fix = |input: usize, value: f64| {
            lower[input] = value;
            upper[input] = value;
        };
        for (input, domain) in model.domains.iter().enumerate() {
            if *domain != Domain::Continuous {
                fix(input, x[input]);
            }
        }
        for group in model.selections.iter().flat_map(|s| &s.groups) {
            if group.iter().all(|&input| x[input] == 0.0) {
                group.iter().for_each(|&input| fix(input, 0.0));
            }
        }
        (lower, upper)
    }
}

impl Builder<'_> {
    fn inputs(&self) -> usize {
        self.regions.model.input_size()
    }

    /// Adds an auxiliary column.
    fn column(&mut self, value: f64, lower: f64) -> usize {
        self.region.lower.push(lower);
        self.region.upper.push(f64::INFINITY);
        self.region.point.push(value);
        self.region.point.len() - 1
    }

    fn nodes(&mut self) {
        let model = &self.regions.model;
        let inputs = self.inputs();
        let mut identity = vec![0.0; (inputs + 1) * inputs];
        (0..inputs).for_each(|i| identity[(i + 1) * inputs + i] = 1.0);
        self.forms.push(Forms {
            rows: inputs + 1,
            values: identity,
        });
        for (index, node) in model.graph.nodes().iter().enumerate().skip(1) {
            let forms = match &node.operation {
                Operation::Affine { terms, bias } => {
                    let rows = terms.iter().map(|term| self.forms[term.0].rows).max();
                    let rows = rows.unwrap_or(1);
                    let mut values = vec![0.0; rows * node.size];
                    values[..node.size].copy_from_slice(bias);
                    for (source, matrix) in terms {
                        let source = &self.forms[*source];
                        matrix.add_product(
                            &source.values,
                            source.rows,
                            &mut values[..source.rows * node.size],
                        );
                    }
                    Forms { rows, values }
                }
                Operation::Kink { source, slopes } => self.pieces(index, *source, slopes),
                Operation::Max { source, .. } => self.pieces(index, *source, &[]),
                // A norm that is needed was refused.
                Operation::Input | Operation::Norm { .. } => Forms {
                    rows: 1,
                    values: vec![0.0; node.size],
                },
            };
            self.forms.push(forms);
        }
    }

    /// The forms of a kink, which has slopes, or of a maximum.
    fn pieces(&mut self, node: usize, source: usize, slopes: &[f64]) -> Forms {
        let regions = self.regions;
        let pieces = &regions.pieces[node];
        let (size, width) = (pieces.len(), regions.model.graph.size(source));
        let mut rows = self.forms[source].rows;
        let mut multiples = vec![(0, 0.0); size];
        let mut columns: Vec<(usize, usize, f64)> = Vec::new();
        for (entry, piece) in pieces.iter().enumerate() {
            match piece {
                Piece::Unneeded => {}
                Piece::Multiple(member, factor) => multiples[entry] = (*member as usize, *factor),
                Piece::Decided(decision) => {
                    multiples[entry] = self.decided(*decision, source, entry, slopes);
                }
                Piece::Convex(members) if members.is_empty() => {
                    let z = self.activations.node(source)[entry];
                    let positive = self.column(z.max(0.0), 0.0);
                    let negative = self.column((-z).max(0.0), 0.0);
                    let (entries, constant) = self.form(source, entry);
                    let parts = [(positive as u32, -1.0), (negative as u32, 1.0)];
                    let entries = entries.into_iter().chain(parts).collect();
                    self.row(entries, -constant, -constant, RowKind::Definition, None);
                    columns.push((positive, entry, 1.0));
                    columns.push((negative, entry, -slopes[entry]));
                }
                Piece::Convex(members) => {
                    let value = self.activations.node(node)[entry];
                    let largest = self.column(value, f64::NEG_INFINITY);
                    for &member in members {
                        let (mut entries, constant) = self.form(source, member as usize);
                        entries.iter_mut().for_each(|entry| entry.1 = -entry.1);
                        entries.push((largest as u32, 1.0));
                        self.row(entries, constant, f64::INFINITY, RowKind::Definition, None);
                    }
                    columns.push((largest, entry, 1.0));
                }
            }
        }
        if !columns.is_empty() {
            rows = self.region.point.len() + 1;
        }
        let of_source = &self.forms[source];
        let mut values = vec![0.0; rows * size];
        for row in 0..of_source.rows {
            let from = &of_source.values[row * width..][..width];
            let to = &mut values[row * size..][..size];
            for (to, &(member, factor)) in to.iter_mut().zip(&multiples) {
                *to = factor * from[member];
            }
        }
        for (column, entry, coefficient) in columns {
            values[(column + 1) * size + entry] = coefficient;
        }
        Forms { rows, values }
    }

    /// The entry of the source, and its multiple, that the pattern takes; adds the facets.
    fn decided(
        &mut self,
        decision: usize,
        source: usize,
        entry: usize,
        slopes: &[f64],
    ) -> (usize, f64) {
        let regions = self.regions;
        let side = self.pattern[decision];
        match &regions.decisions[decision] {
            Decision::Max { members, .. } => {
                let largest = members[side as usize] as usize;
                for (other, &member) in members.iter().enumerate() {
                    if self.facets && other as u32 != side {
                        let (of_largest, constant) = self.form(source, largest);
                        let (of_member, subtracted) = self.form(source, member as usize);
                        let entries = difference(&of_largest, &of_member);
                        self.facet(entries, constant - subtracted, decision, other as u32);
                    }
                }
                (largest, 1.0)
            }
            Decision::Kink { .. } | Decision::Any(_) => {
                let sign = if side == 1 { 1.0 } else { -1.0 };
                if self.facets {
                    let (mut entries, constant) = self.form(source, entry);
                    entries.iter_mut().for_each(|entry| entry.1 *= sign);
                    self.facet(entries, sign * constant, decision, 1 - side);
                }
                (entry, if side == 1 { 1.0 } else { slopes[entry] })
            }
        }
    }
}
