//! Bounds from multipliers hold whatever the multipliers are; a set of designs is minimised over exactly where it says so.

#![allow(clippy::unwrap_used)]

mod random;

use std::sync::Arc;

use preimage_core::bounds::crown::{self, Known};
use preimage_core::bounds::designs::Designs;
use preimage_core::bounds::forms::Forms;
use preimage_core::bounds::multipliers::{Multipliers, Term};
use preimage_core::bounds::relaxation::Relaxation;
use preimage_core::bounds::slopes;
use preimage_core::graph::{Graph, Matrix, Operation};
use preimage_core::model::{Domain, Formula, Model, Selection};
use proptest::prelude::*;
use random::{Double, Random};

fn random_slopes(random: &mut Random, graph: &Graph) -> Vec<Vec<f64>> {
    let mut slopes = vec![Vec::new(); graph.nodes().len()];
    for (slopes, node) in slopes.iter_mut().zip(graph.nodes()) {
        if let Operation::Kink { slopes: kinks, .. } = &node.operation {
            *slopes = kinks
                .iter()
                .map(|kink| kink + (1.5 - kink) * random.unit())
                .collect();
        }
    }
    slopes
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_multipliers_give_a_false_bound(seed: u64, inputs in 1usize..5, steps in 1usize..12, terms in 0usize..4) {
        let mut random = Random(seed);
        let graph = random::graph(&mut random, inputs, steps);
        let lower: Vec<f64> = (0..inputs).map(|_| random.signed()).collect();
        let upper: Vec<f64> = lower.iter().map(|lower| lower + random.unit()).collect();
        let bounds = crown::bounds(&graph, &lower, &upper, &[]).unwrap();
        let designs = Designs::of_box(&graph, &lower, &upper).unwrap();
        let relaxation = Relaxation::new(&graph, &bounds);
        let place = |random: &mut Random| {
            let node = random.below(graph.nodes().len());
            (node, random.below(graph.size(node)))
        };
        let (node, entry) = place(&mut random);
        let terms: Vec<Term> = (0..terms).map(|_| {
            let (node, entry) = place(&mut random);
            let (least, most) = (bounds.lower[node][entry], bounds.upper[node][entry]);
            let limit = least + (most - least) * (1.5 * random.unit() - 0.25);
            Term { node, entry, coefficient: 3.0 * random.signed(), limit }
        }).collect();
        let multipliers = Multipliers { slopes: random_slopes(&mut random, &graph), terms };
        let sign = if random.below(2) == 0 { 1.0 } else { -1.0 };
        let bound = relaxation.bound((node, entry), sign, &bounds, &multipliers, &designs);
        for x in random::samples(&mut random, &lower, &upper, 60).chunks(inputs) {
            let values = random::evaluate(&graph, x);
            let wanted = multipliers.terms.iter().all(|term| {
                let value = values[term.node][term.entry];
                if term.coefficient > 0.0 { !Double::of(term.limit).less(value) } else { !value.less(Double::of(term.limit)) }
            });
            let value = values[node][entry].times(Double::of(sign));
            prop_assert!(!wanted || !value.less(Double::of(bound)), "{value:?} lies below {bound:e}");
        }
    }

    #[test]
    fn no_ascent_over_slopes_gives_a_false_bound(seed: u64, inputs in 1usize..5, steps in 1usize..12) {
        let mut random = Random(seed);
        let graph = random::graph(&mut random, inputs, steps);
        let lower: Vec<f64> = (0..inputs).map(|_| random.signed()).collect();
        let upper: Vec<f64> = lower.iter().map(|lower| lower + random.unit()).collect();
        let bounds = crown::bounds(&graph, &lower, &upper, &[]).unwrap();
        let designs = Designs::of_box(&graph, &lower, &upper).unwrap();
        let node = random.below(graph.nodes().len());
        let entries: Vec<usize> = (0..graph.size(node)).collect();
        let (least, most) = slopes::tighten(&graph, &bounds, &designs, node, &entries);
        for x in random::samples(&mut random, &lower, &upper, 60).chunks(inputs) {
            for (entry, value) in random::evaluate(&graph, x)[node].iter().enumerate() {
                prop_assert!(!value.less(Double::of(least[entry])) && !Double::of(most[entry]).less(*value));
            }
        }
    }

    #[test]
    fn a_selection_is_minimised_over_exactly(seed: u64, inputs in 1usize..7, at_most in 0usize..7) {
        let mut random = Random(seed);
        let lower: Vec<f64> = (0..inputs).map(|_| (random.signed() - 0.5).min(0.0)).collect();
        let upper: Vec<f64> = (0..inputs).map(|_| (random.signed() + 0.5).max(0.0)).collect();
        let selection = Selection { groups: (0..inputs).map(|i| vec![i]).collect(), at_least: 0, at_most };
        let model = model(&lower, &upper, vec![selection], Vec::new(), Graph::new(inputs));
        let form: Vec<f64> = (0..inputs).map(|_| random.signed()).collect();
        let found = minimum(&model, &form);
        let mut least = f64::INFINITY;
        for chosen in 0u32..1 << inputs {
            if chosen.count_ones() as usize <= at_most {
                let used = (0..inputs).filter(|i| chosen >> i & 1 == 1);
                least = least.min(used.map(|i| (form[i] * lower[i]).min(form[i] * upper[i])).sum());
            }
        }
        prop_assert!(found <= least && found > least - 1e-12, "{found} is not {least}");
    }

    #[test]
    fn one_limit_is_minimised_over_exactly(seed: u64, inputs in 1usize..7, equation: bool) {
        let mut random = Random(seed);
        let lower: Vec<f64> = (0..inputs).map(|_| random.signed()).collect();
        let upper: Vec<f64> = lower.iter().map(|lower| lower + random.unit()).collect();
        let row: Vec<f64> = (0..inputs).map(|_| random.signed()).collect();
        let at = |x: &[f64]| -> f64 { row.iter().zip(x).map(|(g, x)| g * x).sum() };
        let inside: Vec<f64> = lower.iter().zip(&upper).map(|(l, u)| l + (u - l) * random.unit()).collect();
        let side = at(&inside);
        let mut graph = Graph::new(inputs);
        let matrix = Arc::new(Matrix::dense(1, inputs, row.clone()).unwrap());
        let node = graph.affine(vec![(0, matrix)], vec![0.0]).unwrap();
        let least = if equation { side } else { f64::NEG_INFINITY };
        let formula = Formula::Within { node, lower: vec![least], upper: vec![side] };
        let model = model(&lower, &upper, Vec::new(), vec![(0, formula)], graph);
        let form: Vec<f64> = (0..inputs).map(|_| random.signed()).collect();
        let found = minimum(&model, &form);
        // The least value is at a corner that meets the limit, or where an edge crosses it.
        let mut best = f64::INFINITY;
        for corner in 0u32..1 << inputs {
            let mut x: Vec<f64> = (0..inputs).map(|i| if corner >> i & 1 == 1 { upper[i] } else { lower[i] }).collect();
            let value = |x: &[f64]| -> f64 { form.iter().zip(x).map(|(a, x)| a * x).sum() };
            if !equation && at(&x) <= side {
                best = best.min(value(&x));
            }
            for i in 0..inputs {
                let end = x[i];
                x[i] -= (at(&x) - side) / row[i];
                if lower[i] <= x[i] && x[i] <= upper[i] {
                    best = best.min(value(&x));
                }
                x[i] = end;
            }
        }
        prop_assert!(found <= best + 1e-12, "{found} is above {best}");
        prop_assert!(found > best - 1e-9, "{found} is far below {best}");
    }
}

fn model(
    lower: &[f64],
    upper: &[f64],
    selections: Vec<Selection>,
    requirements: Vec<(u32, Formula)>,
    graph: Graph,
) -> Model {
    let domains = vec![Domain::Continuous; lower.len()];
    Model::new(
        Arc::new(graph),
        lower.to_vec(),
        upper.to_vec(),
        domains,
        selections,
        requirements,
        None,
    )
    .unwrap()
}

fn minimum(model: &Model, form: &[f64]) -> f64 {
    let designs = Designs::of_model(model, &model.lower, &model.upper).unwrap();
    let forms = Forms {
        coefficients: form.to_vec(),
        constants: vec![0.0],
        margins: vec![0.0],
    };
    designs.minimum(&forms)[0]
}

#[test]
fn limits_tighten_the_nodes_they_may() {
    // Two inputs whose sum is 1: their difference of the first layer lies in -1..1, their sum at 1 exactly.
    let mut graph = Graph::new(2);
    let row = |row: Vec<f64>| Arc::new(Matrix::dense(1, 2, row).unwrap());
    let sum = graph
        .affine(vec![(0, row(vec![1.0, 1.0]))], vec![0.0])
        .unwrap();
    let again = graph
        .affine(vec![(0, row(vec![1.0, 1.0]))], vec![0.0])
        .unwrap();
    let formula = Formula::Within {
        node: sum,
        lower: vec![1.0],
        upper: vec![1.0],
    };
    let model = model(&[0.0; 2], &[1.0; 2], Vec::new(), vec![(0, formula)], graph);
    let designs = Designs::of_model(&model, &model.lower, &model.upper).unwrap();
    let known = Known {
        bounds: Vec::new(),
        over_limits: vec![false, false, true],
    };
    let bounds = crown::bounds_over(&model.graph, &designs, &known, &[]).unwrap();
    assert!(bounds.lower[sum][0] < 0.1 && bounds.upper[sum][0] > 1.9);
    assert!(
        (bounds.lower[again][0] - 1.0).abs() < 1e-12
            && (bounds.upper[again][0] - 1.0).abs() < 1e-12
    );
}
