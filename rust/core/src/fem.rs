//! Finite elements: linear elasticity on grids, the filter, and the bound on the compliance.

mod analysis;
mod bound;
mod dissection;
mod elasticity;
pub mod element;
mod filter;
mod grid;
mod knapsack;
mod lines;
mod multifrontal;

pub use analysis::{Analysis, estimated_bytes};
pub use bound::{ComplianceBound, Designs, VOLUME_TOLERANCE};
pub use elasticity::{Elasticity, Singular, TooLarge};
pub use filter::ConeFilter;
pub use grid::Grid;
pub use lines::CubeLines;
