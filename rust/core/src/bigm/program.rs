//! The encoded program: columns, rows, sets and cones, and what each of them stands for.

use super::names::Labels;
use super::requirements::Condition;
use crate::graph::Graph;
use crate::model::Model;

/// The values a column may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum ColumnKind {
    /// Any number between its bounds.
    Continuous = 0,
    /// A whole number between its bounds.
    Integer = 1,
    /// 0 or 1.
    Binary = 2,
}

/// What a column stands for. Entries are entries of nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnOrigin {
    /// An input; column `i` is input `i`.
    Input(u32),
    /// The value of an entry.
    Value(u32, u32),
    /// 1 where the source of a kink is positive, 0 where it is negative.
    Active(u32, u32),
    /// The positive part of the source of a kink.
    Above(u32, u32),
    /// The negative part of the source of a kink.
    Below(u32, u32),
    /// 1 if this source entry (the third number) is the one that a maximum takes; none is where it takes the last one.
    Largest(u32, u32, u32),
    /// A source entry (the second number) of a norm (node), copied to a column of its own.
    Part(u32, u32),
    /// 1 if an input (first) takes this value of its catalogue (second).
    Choice(u32, u32),
    /// 1 if this group (second) of a selection (first) is used.
    Used(u32, u32),
    /// 1 if an integer input is positive.
    Positive(u32),
    /// 1 if an integer input is negative.
    Negative(u32),
    /// 1 if an alternative holds: the label of the requirement and a running number.
    Holds(u32, u32),
    /// Fixed at zero: rows of what can never hold want it to be one.
    Impossible,
}

/// What a row says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowOrigin {
    /// Ties an entry (node, entry) to its sources; the third number tells the rows of one entry apart.
    Entry(u32, u32, u32),
    /// The value of an input from its catalogue (0), and that one value is taken (1).
    Catalogue(u32, u32),
    /// Belongs to a selection; the second number is a running one.
    Selection(u32, u32),
    /// Belongs to the requirements of a label; the second number is a running one.
    Requirement(u32, u32),
}

/// How an entry of a node is written with columns.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Entry {
    /// Nothing asks for it.
    Absent,
    /// It is this number.
    Constant(f64),
    /// It is `coefficient * column + constant`.
    Column {
        /// The column.
        column: u32,
        /// What it is multiplied by.
        coefficient: f64,
        /// What is added.
        constant: f64,
    },
    /// It is `coefficient` times an affine entry, which is written out in the one row that uses it.
    Inline {
        /// An affine node.
        node: u32,
        /// An entry of that node.
        entry: u32,
        /// What it is multiplied by.
        coefficient: f64,
    },
}

impl Entry {
    /// The entry times a number.
    pub(super) fn scaled(self, factor: f64) -> Self {
        match self {
            Entry::Absent => Entry::Absent,
            Entry::Constant(value) => Entry::Constant(factor * value),
            Entry::Column {
                column,
                coefficient,
                constant,
            } => Entry::Column {
                column,
                coefficient: factor * coefficient,
                constant: factor * constant,
            },
            Entry::Inline {
                node,
                entry,
                coefficient,
            } => Entry::Inline {
                node,
                entry,
                coefficient: factor * coefficient,
            },
        }
    }
}

/// A second-order cone: `apex >= Euclidean norm of the members`, where the apex is not negative.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cone {
    /// The column that bounds the norm.
    pub apex: u32,
    /// The columns the norm is taken of.
    pub members: Vec<u32>,
}

/// An alternative: which of the children hold, when the parent does.
#[derive(Clone, Debug)]
pub(super) struct Disjunction {
    pub parent: Option<u32>,
    pub children: Vec<(u32, Condition)>,
}

/// A row that limits an entry of a node, whatever else holds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limited {
    pub row: usize,
    pub node: usize,
    pub entry: usize,
    pub lower: f64,
    pub upper: f64,
}

/// A mixed-integer linear program (with special ordered sets and cones) that minimises.
///
/// Rows are compressed: row `r` has the columns `indices[starts[r]..starts[r + 1]]`, each once, with the coefficients
/// `data` in the same places, and its activity lies in `row_lower[r]..=row_upper[r]` (limits may be infinite).
#[derive(Clone, Debug)]
pub struct Program {
    /// Lower bounds of the columns.
    pub column_lower: Vec<f64>,
    /// Upper bounds of the columns.
    pub column_upper: Vec<f64>,
    /// Objective coefficients of the columns.
    pub column_objective: Vec<f64>,
    /// Kinds of the columns.
    pub column_kinds: Vec<ColumnKind>,
    /// What the columns stand for.
    pub column_origins: Vec<ColumnOrigin>,
    /// Where every row starts; one more than there are rows.
    pub starts: Vec<usize>,
    /// The column of every nonzero.
    pub indices: Vec<u32>,
    /// The nonzeros.
    pub data: Vec<f64>,
    /// The least activity of every row.
    pub row_lower: Vec<f64>,
    /// The largest activity of every row.
    pub row_upper: Vec<f64>,
    /// What the rows say.
    pub row_origins: Vec<RowOrigin>,
    /// Pairs of columns of which at most one is not zero.
    pub sos1: Vec<[u32; 2]>,
    /// Second-order cones.
    pub cones: Vec<Cone>,
    /// The constant part of the objective.
    pub offset: f64,
    /// The rows of requirements and selections that can never hold.
    pub impossible: Vec<RowOrigin>,
    /// What the names of columns and rows are made of.
    pub labels: Labels,
    pub(super) entries: Vec<Vec<Entry>>,
    pub(super) disjunctions: Vec<Disjunction>,
    pub(super) limited: Vec<Limited>,
    pub(super) model: Model,
}

impl Program {
    /// The graph of the model that was encoded.
    pub fn graph(&self) -> &Graph {
        &self.model.graph
    }

    /// The number of inputs.
    pub fn input_size(&self) -> usize {
        self.model.input_size()
    }

    /// The number of columns.
    pub fn column_count(&self) -> usize {
        self.column_lower.len()
    }

    /// The number of rows.
    pub fn row_count(&self) -> usize {
        self.row_lower.len()
    }

    /// The number of coefficients in rows.
    pub fn nonzeros(&self) -> usize {
        self.data.len()
    }

    /// The number of binary columns.
    pub fn binaries(&self) -> usize {
        self.column_kinds
            .iter()
            .filter(|&&kind| kind == ColumnKind::Binary)
            .count()
    }

    /// How every entry of a node is written; empty where nothing of the node is needed.
    pub fn entries(&self, node: usize) -> &[Entry] {
        &self.entries[node]
    }

    /// The columns and coefficients of a row.
    pub fn row(&self, row: usize) -> (&[u32], &[f64]) {
        let range = self.starts[row]..self.starts[row + 1];
        (&self.indices[range.clone()], &self.data[range])
    }

    /// By how much a full solution misses bounds, integrality, rows, sets and cones at worst.
    pub fn violation(&self, solution: &[f64]) -> f64 {
        let outside = |value: f64, lower: f64, upper: f64| (lower - value).max(value - upper);
        let mut worst = 0.0_f64;
        for (column, &value) in solution.iter().enumerate() {
            worst = worst.max(outside(
                value,
                self.column_lower[column],
                self.column_upper[column],
            ));
            if self.column_kinds[column] != ColumnKind::Continuous {
                worst = worst.max((value - value.round()).abs());
            }
        }
        for row in 0..self.row_count() {
            let (columns, coefficients) = self.row(row);
            let activity: f64 = columns
                .iter()
                .zip(coefficients)
                .map(|(&column, &c)| c * solution[column as usize])
                .sum();
            worst = worst.max(outside(activity, self.row_lower[row], self.row_upper[row]));
        }
        for &[first, second] in &self.sos1 {
            worst = worst.max(
                solution[first as usize]
                    .abs()
                    .min(solution[second as usize].abs()),
            );
        }
        for cone in &self.cones {
            let square: f64 = cone
                .members
                .iter()
                .map(|&member| solution[member as usize].powi(2))
                .sum();
            worst = worst.max(square.sqrt() - solution[cone.apex as usize]);
        }
        worst
    }

    /// The objective of a full solution.
    pub fn objective(&self, solution: &[f64]) -> f64 {
        self.offset
            + self
                .column_objective
                .iter()
                .zip(solution)
                .map(|(c, value)| c * value)
                .sum::<f64>()
    }
}
