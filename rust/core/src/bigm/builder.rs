//! The program under construction.

use std::collections::BTreeMap;

use super::names::Labels;
use super::polarity::{Need, Needs};
use super::program::{ColumnKind, ColumnOrigin, Disjunction, Entry, Program, RowOrigin};
use super::row::Row;
use super::{Formulation, Given};
use crate::bounds::Bounds;
use crate::graph::{Graph, Operation};
use crate::model::Model;

/// Collects columns and rows; the other files of this folder say which.
pub(super) struct Builder<'a> {
    pub model: &'a Model,
    pub bounds: &'a Bounds,
    pub unconditional: &'a Bounds,
    pub formulation: Formulation,
    pub needs: Vec<Vec<Need>>,
    pub program: Program,
    /// The row that is being put together.
    pub row: Row,
    /// The column that is fixed at zero, once there is one.
    nothing: Option<u32>,
    /// How many rows and alternatives every label has so far.
    pub counts: BTreeMap<u32, [u32; 2]>,
}

impl<'a> Builder<'a> {
    pub fn new(model: &'a Model, given: Given<'a>, needs: Needs) -> Self {
        let program = Program {
            column_lower: Vec::new(),
            column_upper: Vec::new(),
            column_objective: Vec::new(),
            column_kinds: Vec::new(),
            column_origins: Vec::new(),
            starts: vec![0],
            // Reserved memory costs nothing until it is written, growth would copy.
            indices: Vec::with_capacity(needs.nonzeros),
            data: Vec::with_capacity(needs.nonzeros),
            row_lower: Vec::new(),
            row_upper: Vec::new(),
            row_origins: Vec::new(),
            sos1: Vec::new(),
            cones: Vec::new(),
            offset: 0.0,
            impossible: Vec::new(),
            labels: Labels::default(),
            entries: vec![Vec::new(); model.graph.nodes().len()],
            disjunctions: Vec::<Disjunction>::new(),
            limited: Vec::new(),
            model: model.clone(),
        };
        let (row, needs) = (Row::default(), needs.of);
        Builder {
            model,
            bounds: given.bounds,
            unconditional: given.unconditional,
            formulation: given.formulation,
            needs,
            program,
            row,
            nothing: None,
            counts: BTreeMap::new(),
        }
    }

    pub fn finish(self) -> Program {
        self.program
    }

    /// Adds a column.
    pub fn column(
        &mut self,
        kind: ColumnKind,
        lower: f64,
        upper: f64,
        origin: ColumnOrigin,
    ) -> u32 {
        let program = &mut self.program;
        program.column_lower.push(lower);
        program.column_upper.push(upper);
        program.column_objective.push(0.0);
        program.column_kinds.push(kind);
        program.column_origins.push(origin);
        (program.column_lower.len() - 1) as u32
    }

    /// Adds a column that is 0 or 1.
    pub fn binary(&mut self, origin: ColumnOrigin) -> u32 {
        self.column(ColumnKind::Binary, 0.0, 1.0, origin)
    }

    /// Adds the row that has been put together, with its constant on the other side, and forgets it.
    pub fn finish_row(&mut self, lower: f64, upper: f64, origin: RowOrigin) {
        let program = &mut self.program;
        for (column, coefficient) in self.row.terms() {
            program.indices.push(column);
            program.data.push(coefficient);
        }
        program.starts.push(program.data.len());
        program.row_lower.push(lower - self.row.constant);
        program.row_upper.push(upper - self.row.constant);
        program.row_origins.push(origin);
        self.row.clear();
    }

    /// Adds the row `lower <= sum of the terms <= upper`.
    pub fn short_row(&mut self, terms: &[(u32, f64)], lower: f64, upper: f64, origin: RowOrigin) {
        for &(column, coefficient) in terms {
            self.row.add(column, coefficient);
        }
        self.finish_row(lower, upper, origin);
    }

    /// Records that something can never hold, by a row that no solution satisfies.
    pub fn impossible(&mut self, origin: RowOrigin) {
        let nothing = match self.nothing {
            Some(column) => column,
            None => self.column(ColumnKind::Continuous, 0.0, 0.0, ColumnOrigin::Impossible),
        };
        self.nothing = Some(nothing);
        self.short_row(&[(nothing, 1.0)], 1.0, f64::INFINITY, origin);
        self.program.impossible.push(origin);
    }

    /// Adds a multiple of an entry to the row that is being put together.
    pub fn add_entry(&mut self, entry: Entry, factor: f64) {
        write_out(
            &self.model.graph,
            &self.program.entries,
            &mut self.row,
            entry,
            factor,
        );
    }

    /// How an entry of a node is written.
    pub fn entry(&self, node: usize, entry: usize) -> Entry {
        self.program.entries[node][entry]
    }
}

/// Adds a multiple of an entry to a row; affine entries without a column are written out.
pub(super) fn write_out(
    graph: &Graph,
    entries: &[Vec<Entry>],
    row: &mut Row,
    entry: Entry,
    factor: f64,
) {
    let mut written_out = Vec::new();
    add_term(row, &mut written_out, entry, factor);
    while let Some((node, entry, factor)) = written_out.pop() {
        if let Operation::Affine { terms, bias } = &graph.nodes()[node as usize].operation {
            row.constant += factor * bias[entry as usize];
            for (source, matrix) in terms {
                let sources = &entries[*source];
                matrix.visit_row(entry as usize, |column, value| {
                    if value != 0.0 {
                        add_term(row, &mut written_out, sources[column], factor * value);
                    }
                });
            }
        }
    }
}

/// Adds a multiple of an entry to a row, or of an affine entry to those that have yet to be written out.
fn add_term(row: &mut Row, written_out: &mut Vec<(u32, u32, f64)>, entry: Entry, factor: f64) {
    match entry {
        Entry::Absent => debug_assert!(false, "an entry that a row needs was not encoded"),
        Entry::Constant(value) => row.constant += factor * value,
        Entry::Column {
            column,
            coefficient,
            constant,
        } => {
            row.add(column, factor * coefficient);
            row.constant += factor * constant;
        }
        Entry::Inline {
            node,
            entry,
            coefficient,
        } => written_out.push((node, entry, factor * coefficient)),
    }
}
