//! The rows of a region's program.

use super::Stated;
use super::build::{Builder, Region, RowKind};
use crate::bigm::requirements::Condition;

impl Builder<'_> {
    /// The coefficients of an entry that are not zero, and its constant.
    pub(super) fn form(&self, node: usize, entry: usize) -> (Vec<(u32, f64)>, f64) {
        let size = self.regions.model.graph.size(node);
        let forms = &self.forms[node];
        let coefficients = (1..forms.rows)
            .map(|row| ((row - 1) as u32, forms.values[row * size + entry]))
            .filter(|entry| entry.1 != 0.0);
        (coefficients.collect(), forms.values[entry])
    }

    /// Adds `entries · v + constant >= 0`, scaled so that the magnitudes of its coefficients sum to 1.
    pub(super) fn facet(
        &mut self,
        mut entries: Vec<(u32, f64)>,
        constant: f64,
        decision: usize,
        other: u32,
    ) {
        let length: f64 = entries.iter().map(|entry| entry.1.abs()).sum();
        let scale = if length > 0.0 { length } else { 1.0 };
        entries.iter_mut().for_each(|entry| entry.1 /= scale);
        let beyond = Some((decision, other));
        self.row(
            entries,
            -constant / scale,
            f64::INFINITY,
            RowKind::Facet,
            beyond,
        );
    }

    pub(super) fn row(
        &mut self,
        entries: Vec<(u32, f64)>,
        lower: f64,
        upper: f64,
        kind: RowKind,
        beyond: Option<(usize, u32)>,
    ) {
        let region = &mut self.region;
        for (column, coefficient) in entries {
            region.indices.push(column);
            region.data.push(coefficient);
        }
        region.starts.push(region.indices.len());
        region.row_lower.push(lower);
        region.row_upper.push(upper);
        region.kinds.push(kind);
        region.beyond.push(beyond);
    }

    /// Adds the rows of what must hold; of alternatives, those of the one that the pattern takes.
    pub(super) fn state(&mut self, stated: &Stated, beyond: Option<(usize, u32)>) {
        match stated {
            Stated::Limits(Condition::Limits {
                node,
                entry,
                lower,
                upper,
            }) => {
                let (entries, constant) = self.form(*node as usize, *entry as usize);
                let (lower, upper) = (lower - constant, upper - constant);
                self.row(entries, lower, upper, RowKind::Requirement, beyond);
            }
            Stated::Limits(_) => {}
            Stated::All(parts) => parts.iter().for_each(|part| self.state(part, beyond)),
            Stated::Any(decision, parts) => {
                let side = self.pattern[*decision];
                let sides = self
                    .regions
                    .sides_by_merit(&self.regions.decisions[*decision], &self.activations);
                let other = sides.into_iter().find(|&other| other != side);
                let beyond = other.map(|other| (*decision, other)).or(beyond);
                self.state(&parts[side as usize], beyond);
            }
        }
    }

    pub(super) fn finish(mut self) -> Region {
        let columns = self.region.point.len();
        self.region.objective = vec![0.0; columns];
        if let Some(node) = self.regions.model.objective {
            let (entries, constant) = self.form(node, 0);
            self.region.offset = constant;
            for (column, coefficient) in entries {
                self.region.objective[column as usize] = coefficient;
            }
        }
        self.region
    }
}

/// `a - b`, without zeros.
pub(super) fn difference(a: &[(u32, f64)], b: &[(u32, f64)]) -> Vec<(u32, f64)> {
    let mut sum = std::collections::BTreeMap::new();
    a.iter()
        .for_each(|&(column, value)| *sum.entry(column).or_insert(0.0) += value);
    b.iter()
        .for_each(|&(column, value)| *sum.entry(column).or_insert(0.0) -= value);
    sum.into_iter().filter(|entry| entry.1 != 0.0).collect()
}
