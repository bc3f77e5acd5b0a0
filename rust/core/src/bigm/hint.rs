//! From the dual solution of a program of lines to multipliers, which prove what the solution promises.

use super::program::{ColumnOrigin, Program, RowOrigin};
use crate::bounds::multipliers::{Multipliers, Term};
use crate::graph::Operation;

/// Duals no larger than this are rounding.
const NOTHING: f64 = 1e-13;

impl Program {
    /// The multipliers that the duals of rows and columns amount to, where the program minimises an entry.
    ///
    /// A dual is not negative at a lower side and not positive at an upper one. Only those of the epigraphs of kinks, of
    /// values at their bounds and of unconditional limits are made use of; the rest follows from the graph itself.
    ///
    /// # Panics
    /// When there are not as many duals as rows and columns.
    pub fn multipliers(&self, row_duals: &[f64], column_duals: &[f64]) -> Multipliers {
        assert_eq!(row_duals.len(), self.row_count());
        assert_eq!(column_duals.len(), self.column_count());
        let nodes = self.model.graph.nodes();
        let mut shares: Vec<Vec<[f64; 2]>> = vec![Vec::new(); nodes.len()];
        let mut terms = Vec::new();
        let mut share = |node: u32, entry: u32, piece: usize, dual: f64| {
            let of_node = &mut shares[node as usize];
            of_node.resize(nodes[node as usize].size, [0.0; 2]);
            of_node[entry as usize][piece] += dual.abs();
        };
        for (origin, &dual) in self.row_origins.iter().zip(row_duals) {
            if let &RowOrigin::Entry(node, entry, part @ 0..2) = origin
                && dual.abs() > NOTHING
                && matches!(nodes[node as usize].operation, Operation::Kink { .. })
            {
                share(node, entry, part as usize, dual);
            }
        }
        for (column, &dual) in column_duals.iter().enumerate() {
            let ColumnOrigin::Value(node, entry) = self.column_origins[column] else {
                continue;
            };
            if dual.abs() <= NOTHING {
                continue;
            }
            let (lower, upper) = (self.column_lower[column], self.column_upper[column]);
            match &nodes[node as usize].operation {
                // The flat piece of a ReLU stands as the bound of its column.
                Operation::Kink { slopes, .. }
                    if slopes[entry as usize] == 0.0 && lower == 0.0 && dual > 0.0 =>
                {
                    share(node, entry, 1, dual);
                }
                _ => terms.push(Term {
                    node: node as usize,
                    entry: entry as usize,
                    coefficient: -dual,
                    limit: if dual > 0.0 { lower } else { upper },
                }),
            }
        }
        for limited in &self.limited {
            let dual = row_duals[limited.row];
            let limit = if dual > 0.0 {
                limited.lower
            } else {
                limited.upper
            };
            if dual.abs() > NOTHING && limit.is_finite() {
                terms.push(Term {
                    node: limited.node,
                    entry: limited.entry,
                    coefficient: -dual,
                    limit,
                });
            }
        }
        let slopes = shares.into_iter().enumerate().map(|(node, shares)| {
            let Operation::Kink { slopes, .. } = &nodes[node].operation else {
                return Vec::new();
            };
            let slope = |(&[upper, lower], kink): (&[f64; 2], &f64)| {
                let total = upper + lower;
                // Where neither piece holds the kink, nothing presses on it.
                if total > 0.0 {
                    (upper + lower * kink) / total
                } else {
                    kink.clamp(0.0, 1.0)
                }
            };
            shares.iter().zip(slopes).map(slope).collect()
        });
        Multipliers {
            slopes: slopes.collect(),
            terms,
        }
    }
}
