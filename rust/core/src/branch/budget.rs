//! What a reduced network may cost: a model that is not worth reducing is given up early.

use super::build::Unsupported;
use super::reduced::Reduced;
use crate::graph::Operation;

/// What is left to be spent.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    /// Multiplications in the making.
    pub work: f64,
    /// Numbers in the rows of symbols and caps.
    pub numbers: f64,
}

impl Budget {
    /// For trees, which have no other choice.
    pub const UNLIMITED: Budget = Budget {
        work: f64::INFINITY,
        numbers: f64::INFINITY,
    };

    /// Takes off what an operation with `size` values will cost, before it is done.
    pub fn spend(
        &mut self,
        network: &Reduced,
        operation: &Operation,
        size: usize,
    ) -> Result<(), Unsupported> {
        let width = network.width();
        let work = match operation {
            Operation::Input => 0,
            Operation::Affine { terms, .. } => {
                terms.iter().map(|term| term.1.stored()).sum::<usize>() * width
            }
            // Bounding: a pass backward through all symbols.
            _ => size * width * (1 + network.symbols.len()),
        };
        self.work -= work as f64;
        let rows = network.layers.iter().map(|layer| &layer.rows);
        let numbers: usize = (rows.chain([&network.cap_rows.rows]))
            .map(|rows| rows.data.len())
            .sum();
        if self.work < 0.0 || numbers as f64 > self.numbers {
            return Err(Unsupported("too much is undecided".into()));
        }
        Ok(())
    }
}
