//! A proof of a bound that needs nothing of the search that found it.
//!
//! A proof mirrors the [parts](super::parts) of a model: bounds that add up, a proof for every choice of the inputs that
//! are used, and boxes that are halved, along an input or at a kink, until each is proved by itself. Only the
//! order of the halvings is written: they cover the whole space by their making. Who checks a proof rebuilds the parts from the model and
//! bounds every box anew with the same deterministic [prover], which inherits nothing from box to box.
//!
//! A bound of plus infinity says that no design holds.

mod check;
mod cover;
mod format;
mod prover;
mod write;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::Unsupported;
use crate::model::Model;

/// A proof of a lower bound of some part of a problem.
#[derive(Clone, Debug, PartialEq)]
pub enum Proof {
    /// Of a sum of parts: a bound of each with its proof. Nothing is said of a part without one.
    Sum(Vec<Option<(f64, Proof)>>),
    /// Of all choices of the inputs that are used, in their order.
    Choices(Vec<Proof>),
    /// Of a tree of boxes, level after level from the whole: 0 for a box that is proved, else how it is halved: one more
    /// than the number of an input, or of all inputs and a kink.
    Boxes(Vec<u32>),
}

/// Why there is no proof, or why one does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// It was stopped.
    Stopped,
    /// In words.
    Reason(String),
}

impl From<&str> for Failure {
    fn from(reason: &str) -> Self {
        Failure::Reason(reason.into())
    }
}

impl From<Unsupported> for Failure {
    fn from(reason: Unsupported) -> Self {
        Failure::Reason(reason.0)
    }
}

impl Proof {
    /// A proof that no design of the model lies below `bound`.
    ///
    /// # Errors
    /// When there is none: the model is not one for boxes, the bound is too close to the optimum or beyond it, or `stop`
    /// was set.
    pub fn find(
        model: &Model,
        bound: f64,
        threads: usize,
        stop: &AtomicBool,
    ) -> Result<Self, Failure> {
        let model = claimed(model, bound)?;
        pool(threads)?
            .install(|| write::write(&mut super::parts_of(&model, &Arc::default())?, bound, stop))
    }

    /// Proves every box again; the number of boxes.
    ///
    /// # Errors
    /// When the proof does not show that no design of the model lies below `bound`, or `stop` was set.
    pub fn check(
        &self,
        model: &Model,
        bound: f64,
        threads: usize,
        stop: &AtomicBool,
    ) -> Result<u64, Failure> {
        let model = claimed(model, bound)?;
        pool(threads)?.install(|| {
            check::check(
                &super::parts_of(&model, &Arc::default())?,
                bound,
                self,
                stop,
            )
        })
    }

    /// Reads what [`Proof::bytes`] wrote.
    ///
    /// # Errors
    /// When the bytes are no proof. Memory is bounded by their number.
    pub fn read(bytes: &[u8]) -> Result<Self, Failure> {
        format::read(bytes)
    }

    /// The proof as bytes.
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        format::write(self, &mut bytes);
        bytes
    }

    /// The number of boxes that are proved.
    pub fn boxes(&self) -> u64 {
        match self {
            Proof::Sum(terms) => terms.iter().flatten().map(|(_, proof)| proof.boxes()).sum(),
            Proof::Choices(choices) => choices.iter().map(Proof::boxes).sum(),
            Proof::Boxes(halvings) => {
                halvings.iter().filter(|halving| **halving == 0).count() as u64
            }
        }
    }
}

/// The model of which the bound is claimed: where no design holds, what is minimised does not matter.
fn claimed(model: &Model, bound: f64) -> Result<Model, Failure> {
    let mut model = model.clone();
    if bound == f64::INFINITY {
        model.objective = None;
    } else if !bound.is_finite() || model.objective.is_none() {
        return Err("nothing is claimed".into());
    }
    Ok(model)
}

fn pool(threads: usize) -> Result<rayon::ThreadPool, Failure> {
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads.max(1))
        .build()
        .map_err(|error| Failure::Reason(format!("no threads could be started: {error}")))
}
