//! A problem over some of the inputs, before anything is done with it.

use super::boxes::least_value;
use super::cell::{Cell, Domains, Limit};
use super::parts::Context;
use super::reduced::Reduced;

/// A problem over some of the inputs.
pub struct Root {
    /// The inputs it is over.
    pub inputs: Vec<usize>,
    /// Its reduced network, on its whole box.
    pub network: Reduced,
    /// Its box.
    pub cell: Cell,
    /// Its inputs' domains.
    pub domains: Domains,
    /// Linear conditions on its inputs.
    pub limits: Vec<Limit>,
}

impl Root {
    /// Inputs that have one value only.
    pub fn fixed(&self) -> impl Iterator<Item = (usize, f64)> {
        let sides = self.cell.lower.iter().zip(&self.cell.upper);
        (self.inputs.iter().zip(sides))
            .filter(|(_, (l, u))| l == u)
            .map(|(i, (l, _))| (*i, *l))
    }

    /// What the objective cannot be below, at a glance.
    pub fn least_value(&self, context: &Context) -> f64 {
        least_value(&self.network, context.any_design)
    }
}
