//! Names of columns and rows, made when they are wanted.

use std::collections::BTreeMap;

use super::program::{ColumnOrigin, Program, RowOrigin};

/// What the caller calls things; whatever is missing gets a plain name.
#[derive(Clone, Debug, Default)]
pub struct Labels {
    /// The full name of every input (`inks[3]`).
    pub inputs: Vec<String>,
    /// The name of every node (`print.2.z`); an entry's index follows in brackets.
    pub nodes: Vec<String>,
    /// The name of the requirements of a label (`line 9`); a running number follows in brackets.
    pub requirements: BTreeMap<u32, String>,
}

impl Labels {
    fn input(&self, input: u32) -> String {
        self.inputs
            .get(input as usize)
            .cloned()
            .unwrap_or_else(|| format!("x[{input}]"))
    }

    fn node(&self, node: u32) -> String {
        self.nodes
            .get(node as usize)
            .cloned()
            .unwrap_or_else(|| format!("node{node}"))
    }

    fn requirement(&self, label: u32) -> String {
        self.requirements
            .get(&label)
            .cloned()
            .unwrap_or_else(|| format!("requirement{label}"))
    }
}

impl Program {
    /// The name of a column.
    pub fn column_name(&self, column: usize) -> String {
        let labels = &self.labels;
        match self.column_origins[column] {
            ColumnOrigin::Input(input) => labels.input(input),
            ColumnOrigin::Value(node, entry) => format!("{}[{entry}]", labels.node(node)),
            ColumnOrigin::Active(node, entry) => format!("{}.active[{entry}]", labels.node(node)),
            ColumnOrigin::Above(node, entry) => format!("{}.above[{entry}]", labels.node(node)),
            ColumnOrigin::Below(node, entry) => format!("{}.below[{entry}]", labels.node(node)),
            ColumnOrigin::Largest(node, entry, member) => {
                format!("{}.largest[{entry}][{member}]", labels.node(node))
            }
            // A norm may be taken of the same entry more than once.
            ColumnOrigin::Part(node, entry) => {
                format!("{}.part{column}[{entry}]", labels.node(node))
            }
            ColumnOrigin::Choice(input, k) => format!("{}.choice[{k}]", labels.input(input)),
            ColumnOrigin::Used(selection, group) => format!("select{selection}.used[{group}]"),
            // Several selections may ask for the sign of one input.
            ColumnOrigin::Positive(input) => format!("{}.positive{column}", labels.input(input)),
            ColumnOrigin::Negative(input) => format!("{}.negative{column}", labels.input(input)),
            ColumnOrigin::Holds(label, number) => {
                format!("{}.holds[{number}]", labels.requirement(label))
            }
            ColumnOrigin::Impossible => "impossible".to_owned(),
        }
    }

    /// The name of a row.
    pub fn row_name(&self, row: usize) -> String {
        self.origin_name(self.row_origins[row])
    }

    /// The name of the row that stems from there.
    pub fn origin_name(&self, origin: RowOrigin) -> String {
        let labels = &self.labels;
        match origin {
            RowOrigin::Entry(node, entry, part) => {
                format!("{}.row{part}[{entry}]", labels.node(node))
            }
            RowOrigin::Catalogue(input, 0) => format!("{}.value", labels.input(input)),
            RowOrigin::Catalogue(input, _) => format!("{}.one", labels.input(input)),
            RowOrigin::Selection(selection, part) => format!("select{selection}[{part}]"),
            RowOrigin::Requirement(label, part) => format!("{}[{part}]", labels.requirement(label)),
        }
    }

    /// The names of all columns as a file can hold them: letters that it cannot hold replaced, none twice.
    pub(super) fn file_column_names(&self, allowed: fn(char) -> Option<char>) -> Vec<String> {
        distinct(
            (0..self.column_count())
                .map(|column| file_name(&self.column_name(column), allowed))
                .collect(),
        )
    }

    /// The same for rows.
    pub(super) fn file_row_names(&self, allowed: fn(char) -> Option<char>) -> Vec<String> {
        distinct(
            (0..self.row_count())
                .map(|row| file_name(&self.row_name(row), allowed))
                .collect(),
        )
    }
}

/// Replaces what a file cannot hold by underscores, and lets no name look like a number.
fn file_name(name: &str, allowed: fn(char) -> Option<char>) -> String {
    let plain: String = name
        .chars()
        .map(|letter| allowed(letter).unwrap_or('_'))
        .collect();
    let first = plain.chars().next();
    let like_a_number = first.is_none_or(|c| !c.is_ascii_alphabetic() && c != '_')
        || (matches!(first, Some('e' | 'E'))
            && plain.chars().nth(1).is_none_or(|c| c.is_ascii_digit()));
    // Solvers refuse words of a few hundred letters; the number that makes names distinct follows.
    let cut: String = plain.chars().take(200).collect();
    if like_a_number {
        format!("_{cut}")
    } else {
        cut
    }
}

/// Adds the index to names that were there before.
fn distinct(mut names: Vec<String>) -> Vec<String> {
    let mut seen = std::collections::HashSet::with_capacity(names.len());
    for (index, name) in names.iter_mut().enumerate() {
        while !seen.insert(name.clone()) {
            name.push_str(&format!("_{index}"));
        }
    }
    names
}

/// A number as files hold it: the shortest that reads back as the same one.
pub(super) struct Number(pub f64);

impl std::fmt::Display for Number {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.0 == 0.0 || (1e-5..1e15).contains(&self.0.abs()) {
            write!(formatter, "{}", self.0)
        } else {
            write!(formatter, "{:e}", self.0)
        }
    }
}
