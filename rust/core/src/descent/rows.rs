//! Requirements that are linear in the inputs: found in the graph, kept by projection.

use crate::graph::{Graph, Operation};
use crate::model::{Formula, Model};

/// More coefficients than this in the rows of one requirement, and it is left to the penalty.
const MOST_COEFFICIENTS: usize = 1 << 20;

/// Rounds of projections where rows share inputs.
const ROUNDS: usize = 20;

/// `lower <= sum of coefficient * input <= upper`.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub entries: Vec<(usize, f64)>,
    pub lower: f64,
    pub upper: f64,
}

impl Row {
    /// How much has to be added to the sum; 0 when it is within its limits.
    pub fn lack(&self, x: &[f64]) -> f64 {
        let sum: f64 = self.entries.iter().map(|&(input, a)| a * x[input]).sum();
        if sum < self.lower {
            self.lower - sum
        } else if sum > self.upper {
            self.upper - sum
        } else {
            0.0
        }
    }

    /// Whether the row asks for one value.
    pub fn is_equality(&self) -> bool {
        self.lower == self.upper
    }
}

/// The rows of all requirements that must hold by themselves and depend on the inputs by affine steps alone.
pub(super) fn linear_rows(model: &Model) -> Vec<Row> {
    let mut rows = Vec::new();
    for (_, formula) in &model.requirements {
        collect(&model.graph, formula, &mut rows);
    }
    rows
}

fn collect(graph: &Graph, formula: &Formula, rows: &mut Vec<Row>) {
    match formula {
        Formula::All(parts) => parts.iter().for_each(|part| collect(graph, part, rows)),
        Formula::Any(_) => {}
        Formula::Within { node, lower, upper } => {
            let (inputs, size) = (graph.input_size(), graph.size(*node));
            let affine =
                graph
                    .ancestors(*node)
                    .into_iter()
                    .zip(graph.nodes())
                    .all(|(ancestor, node)| {
                        !ancestor
                            || matches!(node.operation, Operation::Input | Operation::Affine { .. })
                    });
            if !affine || size == 0 || size.saturating_mul(size.max(inputs)) > MOST_COEFFICIENTS {
                return;
            }
            let zeros = vec![0.0; size * inputs];
            let mut identity = vec![0.0; size * size];
            (0..size).for_each(|entry| identity[entry * size + entry] = 1.0);
            let coefficients = graph.gradient_at(&zeros, size, *node, &identity);
            let constants = graph.evaluate_node(&zeros[..inputs], 1, *node);
            for entry in 0..size {
                let of_entry = coefficients[entry * inputs..][..inputs]
                    .iter()
                    .copied()
                    .enumerate();
                let entries: Vec<(usize, f64)> = of_entry.filter(|entry| entry.1 != 0.0).collect();
                if !entries.is_empty() {
                    let (lower, upper) = (
                        lower[entry] - constants[entry],
                        upper[entry] - constants[entry],
                    );
                    rows.push(Row {
                        entries,
                        lower,
                        upper,
                    });
                }
            }
        }
    }
}

/// Moves the free inputs of a design into the rows and the box, the least way in units of the ranges where one
/// row alone is missed. Where the rows cannot be met together, as near as a few rounds bring it.
pub(super) fn project(rows: &[Row], x: &mut [f64], lower: &[f64], upper: &[f64], free: &[bool]) {
    for _ in 0..ROUNDS {
        let mut moved = false;
        for row in rows {
            // Every pass pins at least one more input at an end of its range, or is the last.
            for _ in 0..=row.entries.len() {
                let lack = row.lack(x);
                let movable = |&&(input, a): &&(usize, f64)| {
                    free[input]
                        && if (a > 0.0) == (lack > 0.0) {
                            x[input] < upper[input]
                        } else {
                            x[input] > lower[input]
                        }
                };
                if lack == 0.0 {
                    break;
                }
                let strength = |input: usize, a: f64| a * (upper[input] - lower[input]).powi(2);
                let total: f64 = row
                    .entries
                    .iter()
                    .filter(movable)
                    .map(|&(input, a)| a * strength(input, a))
                    .sum();
                let limit = if lack > 0.0 { row.lower } else { row.upper };
                if total == 0.0 || lack.abs() <= 1e-15 * limit.abs() {
                    break;
                }
                let moving: Vec<(usize, f64)> =
                    row.entries.iter().filter(movable).copied().collect();
                for (input, a) in moving {
                    let moved = x[input] + strength(input, a) * (lack / total);
                    x[input] = moved.clamp(lower[input], upper[input]);
                }
                moved = true;
            }
        }
        if !moved || rows.len() == 1 {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_row_that_can_be_met_is_met(
            entries in prop::collection::vec((-3.0..3.0f64, 0.0..1.0f64, 0.0..1.0f64, any::<bool>()), 1..8),
        ) {
            let (lower, upper) = (vec![0.0; entries.len()], vec![1.0; entries.len()]);
            let coefficients: Vec<f64> = entries.iter().map(|entry| entry.0).collect();
            let mut x: Vec<f64> = entries.iter().map(|entry| entry.1).collect();
            let free: Vec<bool> = entries.iter().map(|entry| entry.3).collect();
            // A value that some design with the same fixed inputs takes.
            let other = entries.iter().map(|entry| if entry.3 { entry.2 } else { entry.1 });
            let value: f64 = coefficients.iter().zip(other).map(|(a, x)| a * x).sum();
            let row = Row { entries: coefficients.into_iter().enumerate().collect(), lower: value, upper: value };
            let before = x.clone();
            project(std::slice::from_ref(&row), &mut x, &lower, &upper, &free);
            prop_assert!(row.lack(&x).abs() < 1e-12, "{} is missing", row.lack(&x));
            for i in 0..x.len() {
                prop_assert!((0.0..=1.0).contains(&x[i]));
                prop_assert!(free[i] || x[i] == before[i]);
            }
        }
    }

    #[test]
    fn the_way_is_the_least_one() {
        // The nearest point of x + y + z = 2 to (1, 0.5, 0) in the unit cube is (1, 0.75, 0.25).
        let row = Row {
            entries: vec![(0, 1.0), (1, 1.0), (2, 1.0)],
            lower: 2.0,
            upper: 2.0,
        };
        let mut x = [1.0, 0.5, 0.0];
        project(&[row], &mut x, &[0.0; 3], &[1.0; 3], &[true; 3]);
        assert_eq!(x, [1.0, 0.75, 0.25]);
    }
}
