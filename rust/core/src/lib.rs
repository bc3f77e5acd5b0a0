//! The part of Preimage that knows nothing of Python: graphs, bounds, the encoder and descent.

pub mod bigm;
pub mod bounds;
pub mod branch;
pub mod descent;
pub mod fem;
pub mod graph;
pub mod model;
