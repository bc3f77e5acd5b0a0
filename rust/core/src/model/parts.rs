//! Models made of a part of another, or with more than it.

use super::{Formula, Model, ModelError, check_formula};

impl Model {
    /// The designs alone: without the objective, and without the requirements that reach one of the nodes marked `apart`.
    ///
    /// # Panics
    /// When there are not as many marks as nodes.
    pub fn designs(&self, apart: &[bool]) -> Model {
        assert_eq!(apart.len(), self.graph.nodes().len());
        let mut reaches = apart.to_vec();
        for (index, node) in self.graph.nodes().iter().enumerate() {
            reaches[index] |= node
                .operation
                .sources()
                .iter()
                .any(|&source| reaches[source]);
        }
        let concerns_inputs = |formula: &Formula| {
            let mut inside = true;
            formula.visit_nodes(&mut |node| inside &= !reaches[node]);
            inside
        };
        let mut model = self.clone();
        model.objective = None;
        model.requirements = Vec::with_capacity(self.requirements.len());
        for (label, formula) in &self.requirements {
            let parts = conjuncts(formula);
            let kept = parts.into_iter().filter(|part| concerns_inputs(part));
            model
                .requirements
                .extend(kept.map(|part| (*label, part.clone())));
        }
        model
    }

    /// The same model with one requirement more.
    ///
    /// # Errors
    /// When the formula does not fit the graph.
    pub fn with_requirement(&self, label: u32, formula: Formula) -> Result<Model, ModelError> {
        check_formula(label, &formula, &self.graph)?;
        let mut model = self.clone();
        model.requirements.push((label, formula));
        Ok(model)
    }
}

fn conjuncts(formula: &Formula) -> Vec<&Formula> {
    match formula {
        Formula::All(parts) => parts.iter().flat_map(conjuncts).collect(),
        _ => vec![formula],
    }
}
