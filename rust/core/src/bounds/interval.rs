//! Interval bounds: boxes carried forward, node after node.

use std::sync::Arc;

use super::Bounds;
use super::rounding::{
    UNDERFLOW, add_down, add_up, gamma, multiply_down, multiply_up, or_unbounded_below,
};
use crate::graph::{Graph, GraphError, Matrix, Operation};

/// Bounds of every node over the box `lower..=upper`, sound under rounding.
///
/// # Errors
/// When the box has the wrong length, a NaN, or crossed bounds.
pub fn bounds(graph: &Graph, lower: &[f64], upper: &[f64]) -> Result<Bounds, GraphError> {
    bounds_up_to(graph, lower, upper, graph.nodes().len() - 1)
}

/// The same for the nodes up to `last`.
pub(super) fn bounds_up_to(
    graph: &Graph,
    lower: &[f64],
    upper: &[f64],
    last: usize,
) -> Result<Bounds, GraphError> {
    let mut bounds = Bounds::of_input(graph, lower, upper)?;
    for node in 1..=last {
        let (lower, upper) = of_node(graph, node, &bounds);
        bounds.lower.push(lower);
        bounds.upper.push(upper);
    }
    Ok(bounds)
}

/// Interval bounds of one node from the bounds of the nodes before it.
pub(super) fn of_node(graph: &Graph, node: usize, bounds: &Bounds) -> (Vec<f64>, Vec<f64>) {
    match &graph.nodes()[node].operation {
        Operation::Input => (bounds.lower[node].clone(), bounds.upper[node].clone()),
        Operation::Affine { terms, bias } => of_affine(terms, bias, bounds),
        Operation::Kink { source, slopes } => {
            let (lower, upper) = (&bounds.lower[*source], &bounds.upper[*source]);
            (0..slopes.len())
                .map(|i| of_kink(lower[i], upper[i], slopes[i]))
                .unzip()
        }
        Operation::Max { source, groups } => {
            let largest = |values: &[f64], group: &[u32]| {
                group.iter().fold(f64::NEG_INFINITY, |largest, &j| {
                    largest.max(values[j as usize])
                })
            };
            let (lower, upper) = (&bounds.lower[*source], &bounds.upper[*source]);
            groups
                .iter()
                .map(|group| (largest(lower, group), largest(upper, group)))
                .unzip()
        }
        Operation::Norm { source, groups } => groups
            .iter()
            .map(|group| of_norm(&bounds.lower[*source], &bounds.upper[*source], group))
            .unzip(),
    }
}

fn of_affine(
    terms: &[(usize, Arc<Matrix>)],
    bias: &[f64],
    bounds: &Bounds,
) -> (Vec<f64>, Vec<f64>) {
    let balls: Vec<(Vec<f64>, Vec<f64>)> = terms
        .iter()
        .map(|term| centre_and_radius(&bounds.lower[term.0], &bounds.upper[term.0]))
        .collect();
    let of_row = |row: usize| {
        let (mut centre, mut radius, mut magnitude) = (bias[row], 0.0, bias[row].abs());
        let mut products = 0;
        // Summed in any order, numbers of one sign keep it: a norm is never below zero, not even by a rounding.
        let (mut never_negative, mut never_positive) = (bias[row] >= 0.0, bias[row] <= 0.0);
        let mut last = (0, 0, 0.0);
        for ((source, matrix), (centres, radii)) in terms.iter().zip(&balls) {
            matrix.visit_row(row, |column, weight| {
                if weight != 0.0 {
                    centre += weight * centres[column];
                    radius += weight.abs() * radii[column];
                    magnitude += weight.abs() * (centres[column].abs() + radii[column]);
                    products += 1;
                    let (lower, upper) =
                        (bounds.lower[*source][column], bounds.upper[*source][column]);
                    let (least, most) = if weight > 0.0 {
                        (lower, upper)
                    } else {
                        (-upper, -lower)
                    };
                    never_negative &= least >= 0.0;
                    never_positive &= most <= 0.0;
                    last = (*source, column, weight);
                }
            });
        }
        if products <= 1 {
            let (source, column, weight) = last;
            if products == 0 {
                return (bias[row], bias[row]);
            }
            let (lower, upper) = (bounds.lower[source][column], bounds.upper[source][column]);
            let (least, most) = if weight > 0.0 {
                (lower, upper)
            } else {
                (upper, lower)
            };
            return (
                or_unbounded_below(add_down(bias[row], multiply_down(weight, least))),
                -or_unbounded_below(-add_up(bias[row], multiply_up(weight, most))),
            );
        }
        let margin = gamma(products) * magnitude + products as f64 * UNDERFLOW;
        let reach = radius + margin;
        let lower = or_unbounded_below((centre - reach).next_down());
        let upper = -or_unbounded_below(-(centre + reach).next_up());
        (
            if never_negative {
                lower.max(0.0)
            } else {
                lower
            },
            if never_positive {
                upper.min(0.0)
            } else {
                upper
            },
        )
    };
    (0..bias.len()).map(of_row).unzip()
}

/// Centres, and radii rounded up so that `centre ± radius` covers the interval.
fn centre_and_radius(lower: &[f64], upper: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let ball = |(&lower, &upper): (&f64, &f64)| {
        let centre = if lower == upper {
            lower
        } else {
            0.5 * lower + 0.5 * upper
        };
        (centre, add_up(upper, -centre).max(add_up(centre, -lower)))
    };
    lower.iter().zip(upper).map(ball).unzip()
}

pub(super) fn of_kink(lower: f64, upper: f64, slope: f64) -> (f64, f64) {
    if lower >= 0.0 {
        return (lower, upper);
    }
    // On z < 0 the values lie between the slope times the two ends; above zero they are z itself.
    let end = upper.min(0.0);
    let (at_lower, at_end) = if slope > 0.0 {
        (lower, end)
    } else {
        (end, lower)
    };
    let below = (multiply_down(slope, at_lower), multiply_up(slope, at_end));
    if upper < 0.0 {
        below
    } else {
        (below.0.min(0.0), below.1.max(upper))
    }
}

fn of_norm(lower: &[f64], upper: &[f64], group: &[u32]) -> (f64, f64) {
    let entries = || {
        group
            .iter()
            .map(|&j| (lower[j as usize], upper[j as usize]))
    };
    let farthest: Vec<f64> = entries()
        .map(|(lower, upper)| lower.abs().max(upper.abs()))
        .collect();
    let nearest: Vec<f64> = entries()
        .map(|(lower, upper)| lower.max(-upper).max(0.0))
        .collect();
    // The norm of the floats themselves is computed to a relative gamma, also where it has to be scaled.
    let relative = gamma(group.len() + 4);
    let most = length(&farthest) * (1.0 + relative) + f64::MIN_POSITIVE;
    let least = length(&nearest) * (1.0 - relative) - f64::MIN_POSITIVE;
    (
        least.max(0.0),
        if farthest.len() == 1 {
            farthest[0]
        } else {
            most
        },
    )
}

/// The Euclidean norm, scaled by the largest entry so that no square overflows.
pub(super) fn length(values: &[f64]) -> f64 {
    let largest = values
        .iter()
        .fold(0.0_f64, |largest, value| largest.max(value.abs()));
    if largest == 0.0 || largest == f64::INFINITY {
        return largest;
    }
    largest
        * values
            .iter()
            .map(|value| (value / largest) * (value / largest))
            .sum::<f64>()
            .sqrt()
}
