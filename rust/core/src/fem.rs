//! Finite elements: linear elasticity on grids, the filter, and the bound on the compliance.

mod analysis;
mod dissection;
mod elasticity;
pub mod element;
mod filter;
mod grid;

pub use analysis::{Analysis, TooLarge};
pub use elasticity::{Elasticity, Singular};
pub use filter::ConeFilter;
pub use grid::Grid;
