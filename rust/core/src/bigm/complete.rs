//! Between designs and solutions of the program.

use super::program::{ColumnOrigin, Program};
use crate::graph::{Activations, Operation};
use crate::model::{Domain, Values, nearest};

impl Program {
    /// The full solution that belongs to a design: values from a forward pass, binaries from their meaning.
    ///
    /// It satisfies the program, up to rounding, exactly if the design satisfies the model.
    ///
    /// # Panics
    /// When `x` is not one design.
    pub fn complete(&self, x: &[f64]) -> Vec<f64> {
        let activations = self.model.graph.evaluate(x, 1);
        let values = Values {
            activations: &activations,
            design: 0,
        };
        let mut solution: Vec<f64> = self
            .column_origins
            .iter()
            .map(|&origin| self.column_value(origin, x, &activations))
            .collect();
        self.take_largest(&activations, &mut solution);
        // Inner alternatives come before the ones they are part of.
        for disjunction in self.disjunctions.iter().rev() {
            if disjunction
                .parent
                .is_some_and(|parent| solution[parent as usize] == 0.0)
            {
                continue;
            }
            let best = disjunction
                .children
                .iter()
                .map(|(column, condition)| (condition.violation(values), *column))
                .min_by(|a, b| a.0.total_cmp(&b.0));
            if let Some((_, column)) = best {
                solution[column as usize] = 1.0;
            }
        }
        solution
    }

    /// The values that a kink or a maximum acts on.
    fn source<'a>(&self, activations: &'a Activations, node: u32) -> &'a [f64] {
        match self.model.graph.nodes()[node as usize].operation {
            Operation::Kink { source, .. } | Operation::Max { source, .. } => {
                activations.node(source)
            }
            Operation::Input | Operation::Affine { .. } | Operation::Norm { .. } => &[],
        }
    }

    fn column_value(&self, origin: ColumnOrigin, x: &[f64], activations: &Activations) -> f64 {
        let value = |node: u32, entry: u32| activations.node(node as usize)[entry as usize];
        let source = |node: u32| self.source(activations, node);
        let indicator = |holds: bool| if holds { 1.0 } else { 0.0 };
        match origin {
            ColumnOrigin::Input(input) => x[input as usize],
            ColumnOrigin::Value(node, entry) | ColumnOrigin::Part(node, entry) => {
                value(node, entry)
            }
            ColumnOrigin::Active(node, entry) => indicator(source(node)[entry as usize] > 0.0),
            ColumnOrigin::Above(node, entry) => source(node)[entry as usize].max(0.0),
            ColumnOrigin::Below(node, entry) => (-source(node)[entry as usize]).max(0.0),
            ColumnOrigin::Choice(input, k) => match &self.model.domains[input as usize] {
                Domain::Catalogue(values) => {
                    indicator(nearest(values, x[input as usize]) == values[k as usize])
                }
                Domain::Continuous | Domain::Integer => 0.0,
            },
            ColumnOrigin::Used(selection, group) => {
                let group = &self.model.selections[selection as usize].groups[group as usize];
                indicator(group.iter().any(|&input| x[input] != 0.0))
            }
            ColumnOrigin::Positive(input) => indicator(x[input as usize] > 0.0),
            ColumnOrigin::Negative(input) => indicator(x[input as usize] < 0.0),
            ColumnOrigin::Largest(..) | ColumnOrigin::Holds(..) | ColumnOrigin::Impossible => 0.0,
        }
    }

    /// Marks the member that every maximum takes: the columns of one maximum stand side by side.
    fn take_largest(&self, activations: &Activations, solution: &mut [f64]) {
        let mut done = None;
        for (column, &origin) in self.column_origins.iter().enumerate() {
            let ColumnOrigin::Largest(node, entry, member) = origin else {
                continue;
            };
            let largest = activations.node(node as usize)[entry as usize];
            let z = self.source(activations, node)[member as usize];
            if z == largest && done != Some((node, entry)) {
                solution[column] = 1.0;
                done = Some((node, entry));
            }
        }
    }

    /// The design of a solution, with integers and catalogue values exact, and exact zeros where a selection
    /// leaves a group out.
    ///
    /// # Panics
    /// When the solution does not have a value for every column.
    pub fn inputs(&self, solution: &[f64]) -> Vec<f64> {
        assert_eq!(solution.len(), self.column_count());
        let model = &self.model;
        let mut x: Vec<f64> = (0..model.input_size())
            .map(|input| {
                let value =
                    solution[input].clamp(self.column_lower[input], self.column_upper[input]);
                match &model.domains[input] {
                    Domain::Continuous => value,
                    Domain::Integer => value.round() + 0.0,
                    Domain::Catalogue(values) => nearest(values, value),
                }
            })
            .collect();
        for (column, &origin) in self.column_origins.iter().enumerate() {
            if let ColumnOrigin::Used(selection, group) = origin
                && solution[column] < 0.5
            {
                for &input in &model.selections[selection as usize].groups[group as usize] {
                    x[input] = 0.0;
                }
            }
        }
        x
    }
}
