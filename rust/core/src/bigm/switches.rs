//! Kinks with a binary, and what goes into them in terms of the columns before: what cuts are made of.

use super::builder::write_out;
use super::program::{ColumnOrigin, Entry, Program};
use super::row::Row;
use crate::graph::Operation;

/// `value = max(z, slope * z)` with `z = sum of coefficients * columns + constant`, and a binary that is 1 where the
/// value is `z`, 0 where it is `slope * z`.
#[derive(Clone, Debug, PartialEq)]
pub struct Switch {
    /// The column of the value.
    pub value: u32,
    /// The binary.
    pub active: u32,
    /// Below 1.
    pub slope: f64,
    /// The columns that go in, two at least.
    pub columns: Vec<u32>,
    /// What each is multiplied by.
    pub coefficients: Vec<f64>,
    /// What is added.
    pub constant: f64,
}

impl Program {
    /// The convex kinks with a binary that act on a sum of columns.
    pub fn switches(&self) -> Vec<Switch> {
        let nodes = self.graph().nodes();
        let mut row = Row::default();
        let switch = |(active, &origin): (usize, &ColumnOrigin)| {
            let ColumnOrigin::Active(node, entry) = origin else {
                return None;
            };
            let (node, entry) = (node as usize, entry as usize);
            let Operation::Kink { source, slopes } = &nodes[node].operation else {
                return None;
            };
            let Entry::Column {
                column: value,
                coefficient: 1.0,
                constant: 0.0,
            } = self.entries[node][entry]
            else {
                return None;
            };
            if slopes[entry] >= 1.0 || !matches!(nodes[*source].operation, Operation::Affine { .. })
            {
                return None;
            }
            let inside = Entry::Inline {
                node: *source as u32,
                entry: entry as u32,
                coefficient: 1.0,
            };
            row.clear();
            write_out(self.graph(), &self.entries, &mut row, inside, 1.0);
            let (columns, coefficients): (Vec<u32>, Vec<f64>) = row.terms().unzip();
            (columns.len() > 1).then_some(Switch {
                value,
                active: active as u32,
                slope: slopes[entry],
                columns,
                coefficients,
                constant: row.constant,
            })
        };
        self.column_origins
            .iter()
            .enumerate()
            .filter_map(switch)
            .collect()
    }
}
