//! Proved bounds of every node of a graph over a box of inputs.
//!
//! [`interval`] carries boxes forward. [`crown`] carries linear forms backward to the input
//! (Zhang et al., *Efficient neural network robustness certification with general activation
//! functions*, 2018) and intersects with the interval bounds, so it is never looser.
//!
//! # Rounding
//!
//! A bound holds for the exact values of the graph *and* for the values that
//! [`Graph::evaluate`](crate::graph::Graph::evaluate) computes in f64, in any order of summation.
//! With the unit round-off u = 2⁻⁵³, a sum of n products computed in any order, fused or not, differs
//! from the exact one by at most γₙ · sum of the magnitudes of the products, γₙ = nu / (1 - nu)
//! (Higham, *Accuracy and stability of numerical algorithms*, §3.1), besides underflow, which adds
//! at most 2⁻¹⁰⁷⁵ a product. Write |h| for the magnitude bound of a node, the larger of |lower| and |upper|.
//!
//! * **Affine.** Evaluation is off by at most γ(|W||h| + |b|), which we call the *slack* of
//!   the node. A bound computed forward as centre ± radius is off by no more than as much again.
//!   A form with coefficients A carried backward through the node is off by the error of the product
//!   AW, at most γ|A||W||h| in the value of the form, that of A·b, and |A| times the error of evaluation: in all
//!   two slacks weighted by |A|. An entry with a single product is monotone in it, so it is
//!   bounded by rounding that product and sum outward: scalings, slices and shifts of exact numbers stay exact.
//! * **Kink, Max, Norm.** The slopes of the lines that enclose the operation may be any
//!   numbers; their *intercepts* are then moved outward by the rounding of their own computation and of
//!   that of the operation. A coefficient times a slope costs one rounding: u times its magnitude times |z|.
//! * **Joins.** Adding to coefficients that another consumer has left costs γ times those coefficients times |h|.
//! * **The box.** The least value of a form with coefficients a over the box is off by γ(|a||x| + |constant|).
//!
//! All this is summed into the *margin* of a form, in one function: [`rounding::gamma`] returns 2.02 γ, the two for
//! the two errors above, the hundredth for the rounding of the margins themselves (relative error below
//! 10⁻³ for every graph of fewer than 10¹² weights).
//! What overflows becomes an infinite bound, never a wrong one.

mod backward;
pub mod crown;
pub mod designs;
pub mod forms;
pub mod interval;
pub(crate) mod lines;
pub mod multipliers;
pub mod relaxation;
pub mod rounding;
pub mod slopes;

use crate::graph::{Graph, GraphError};

/// Lower and upper bounds of the entries of every node.
#[derive(Clone, Debug, PartialEq)]
pub struct Bounds {
    /// The lower bounds, node after node.
    pub lower: Vec<Vec<f64>>,
    /// The upper bounds, node after node.
    pub upper: Vec<Vec<f64>>,
}

impl Bounds {
    /// Bounds of the input alone, to which those of the other nodes are added.
    fn of_input(graph: &Graph, lower: &[f64], upper: &[f64]) -> Result<Self, GraphError> {
        let size = graph.input_size();
        if lower.len() != size || upper.len() != size {
            return Err(GraphError(format!(
                "a box of {} lower and {} upper bounds was given for {size} inputs",
                lower.len(),
                upper.len()
            )));
        }
        // Written so that a NaN on either side is refused as well.
        match (0..size).find(|&i| lower[i].is_nan() || upper[i].is_nan() || lower[i] > upper[i]) {
            Some(i) => Err(GraphError(format!(
                "input {i} has no values: its lower bound is {} and its upper bound {}",
                lower[i], upper[i]
            ))),
            None => Ok(Bounds {
                lower: vec![lower.to_vec()],
                upper: vec![upper.to_vec()],
            }),
        }
    }

    /// Takes the tighter of two bounds for every entry of a node, except where that would leave nothing.
    pub fn intersect(&mut self, node: usize, lower: &[f64], upper: &[f64]) {
        let own = self.lower[node].iter_mut().zip(&mut self.upper[node]);
        for ((own_lower, own_upper), (&lower, &upper)) in own.zip(lower.iter().zip(upper)) {
            let (least, most) = (own_lower.max(lower), own_upper.min(upper));
            if least <= most {
                (*own_lower, *own_upper) = (least, most);
            }
        }
    }

    /// The larger of `|lower|` and `|upper|` for every entry of a node.
    pub fn magnitude(&self, node: usize) -> Vec<f64> {
        let pairs = self.lower[node].iter().zip(&self.upper[node]);
        pairs
            .map(|(lower, upper)| lower.abs().max(upper.abs()))
            .collect()
    }
}
