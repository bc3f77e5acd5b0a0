//! CROWN with optimised slopes: the free line of every kink is chosen anew for every entry that is bounded.
//!
//! Source: K. Xu et al., "Fast and complete: enabling complete neural network verification with rapid and massively
//! parallel incomplete verifiers", ICLR 2021. The derivative of the bound by a slope is the coefficient that arrives at
//! the kink times the value of its source where the form is least, all lines taken as equalities.

use rayon::prelude::*;

use super::Bounds;
use super::designs::Designs;
use super::lines::KinkLines;
use super::relaxation::Relaxation;
use crate::graph::{Graph, Operation};

/// Steps of the ascent for each bound.
const STEPS: usize = 24;

/// The first step, as a share of the range of a slope; later ones shrink.
const FIRST_STEP: f64 = 0.4;
const SHRINK: f64 = 0.88;

/// Memory of the direction.
const MOMENTUM: f64 = 0.7;

/// Lower and upper bounds of some entries of a node, by an ascent over the slopes of all kinks before it.
pub fn tighten(
    graph: &Graph,
    bounds: &Bounds,
    designs: &Designs,
    node: usize,
    entries: &[usize],
) -> (Vec<f64>, Vec<f64>) {
    let relaxation = Relaxation::up_to(graph, bounds, node);
    let of = |sign: f64| -> Vec<f64> {
        entries
            .par_iter()
            .map(|&entry| ascend(&relaxation, bounds, designs, (node, entry), sign))
            .collect()
    };
    (of(1.0), of(-1.0).into_iter().map(|bound| -bound).collect())
}

/// The best lower bound of `sign * entry` met on the way.
fn ascend(
    relaxation: &Relaxation<'_>,
    bounds: &Bounds,
    designs: &Designs,
    (node, entry): (usize, usize),
    sign: f64,
) -> f64 {
    let graph = relaxation.graph;
    let mut slopes = start(graph, bounds, node);
    let mut momentum: Vec<Vec<f64>> = slopes.iter().map(|s| vec![0.0; s.len()]).collect();
    let (mut best, mut step) = (f64::NEG_INFINITY, FIRST_STEP);
    for _ in 0..STEPS {
        let lines = relaxation.lines_of(&slopes, bounds);
        let mut carried = relaxation.nothing(1);
        carried.lines = Some(&lines);
        carried.passed = Some(vec![Vec::new(); node + 1]);
        let mut coefficients = vec![0.0; graph.size(node)];
        coefficients[entry] = sign;
        carried.coefficients[node] = coefficients;
        let forms = relaxation.carry_back(&mut carried, node);
        let minimum = designs.minimum_of(&forms, 0);
        best = best.max(minimum.value);
        let Some(passed) = carried.passed.take() else {
            break;
        };
        let values = sources(graph, &lines, &passed, minimum.x, node);
        if !climb(graph, &passed, &values, &mut slopes, &mut momentum, step) {
            break;
        }
        step *= SHRINK;
    }
    best
}

/// The slopes to begin with, as the relaxation chooses them by area: 0 or 1 of the range; empty where nothing is free.
fn start(graph: &Graph, bounds: &Bounds, last: usize) -> Vec<Vec<f64>> {
    let nodes = graph.nodes()[..=last].iter();
    nodes
        .map(|node| match &node.operation {
            Operation::Kink { source, slopes } => {
                let (lower, upper) = (&bounds.lower[*source], &bounds.upper[*source]);
                let chosen = slopes.iter().enumerate().map(|(j, &kink)| {
                    let (least, most) = range(kink);
                    if (upper[j] > -lower[j]) == (kink <= 1.0) {
                        most
                    } else {
                        least
                    }
                });
                chosen.collect()
            }
            _ => Vec::new(),
        })
        .collect()
}

fn range(kink: f64) -> (f64, f64) {
    (kink.min(1.0), kink.max(1.0))
}

/// The values of the sources of all kinks at `x`, with the lines that the form used taken as equalities.
fn sources(
    graph: &Graph,
    lines: &[Option<KinkLines>],
    passed: &[Vec<f64>],
    x: Vec<f64>,
    last: usize,
) -> Vec<Vec<f64>> {
    let mut values: Vec<Vec<f64>> = vec![x];
    for (index, node) in graph.nodes()[..=last].iter().enumerate().skip(1) {
        values.push(match (&node.operation, &lines[index]) {
            (Operation::Affine { terms, bias }, _) => {
                let mut sum = bias.clone();
                for (source, matrix) in terms {
                    matrix.add_product(&values[*source], 1, &mut sum);
                }
                sum
            }
            (Operation::Kink { source, .. }, Some(lines)) => {
                let through = |j: usize, z: f64| {
                    if passed[index].get(j).is_some_and(|q| *q > 0.0) {
                        lines.lower_slope[j] * z + lines.lower_intercept[j]
                    } else {
                        lines.upper_slope[j] * z + lines.upper_intercept[j]
                    }
                };
                values[*source]
                    .iter()
                    .enumerate()
                    .map(|(j, z)| through(j, *z))
                    .collect()
            }
            // Good enough for a direction: what is proved does not depend on it.
            _ => vec![0.0; node.size],
        });
    }
    values
}

/// One step up; false if no slope has an influence.
fn climb(
    graph: &Graph,
    passed: &[Vec<f64>],
    values: &[Vec<f64>],
    slopes: &mut [Vec<f64>],
    momentum: &mut [Vec<f64>],
    step: f64,
) -> bool {
    let mut largest = 0.0_f64;
    for (node, passed) in passed.iter().enumerate() {
        let Operation::Kink {
            source,
            slopes: kinks,
        } = &graph.nodes()[node].operation
        else {
            continue;
        };
        for (j, &q) in passed.iter().enumerate() {
            // The free line is the one below a convex kink, above a concave one.
            let is_free = (q > 0.0) == (kinks[j] <= 1.0) && q != 0.0 && kinks[j] != 1.0;
            let gradient = if is_free { q * values[*source][j] } else { 0.0 };
            let direction = &mut momentum[node][j];
            *direction = MOMENTUM * *direction + (1.0 - MOMENTUM) * gradient;
            largest = largest.max(direction.abs());
        }
    }
    if largest == 0.0 || !largest.is_finite() {
        return false;
    }
    for (node, slopes) in slopes.iter_mut().enumerate() {
        let Operation::Kink { slopes: kinks, .. } = &graph.nodes()[node].operation else {
            continue;
        };
        for (j, slope) in slopes.iter_mut().enumerate() {
            let (least, most) = range(kinks[j]);
            // Directions are scaled by their root, so that weak neurons move as well.
            let direction = momentum[node][j] / largest;
            let moved =
                *slope + step * (most - least) * direction.signum() * direction.abs().sqrt();
            *slope = moved.clamp(least, most);
        }
    }
    true
}
