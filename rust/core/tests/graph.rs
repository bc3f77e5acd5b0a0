//! Values against an evaluator with twice the digits, gradients against differences of those values.

#![allow(clippy::unwrap_used)]

mod random;

use preimage_core::graph::{Graph, Operation};
use proptest::prelude::*;
use random::{Double, Random};

/// Which side every kink is on and which entry every maximum takes; nothing close to the tip of a norm.
fn pattern(graph: &Graph, values: &[Vec<Double>]) -> Option<Vec<usize>> {
    let mut pattern = Vec::new();
    for node in graph.nodes() {
        match &node.operation {
            Operation::Kink { source, .. } => {
                pattern.extend(values[*source].iter().map(|z| usize::from(z.0 < 0.0)))
            }
            Operation::Max { source, groups } => {
                let z = |j: u32| values[*source][j as usize];
                let first_largest = |group: &Vec<u32>| {
                    (1..group.len()).fold(0, |best, i| {
                        if z(group[best]).less(z(group[i])) {
                            i
                        } else {
                            best
                        }
                    })
                };
                pattern.extend(groups.iter().map(first_largest));
            }
            Operation::Norm { source, groups } => {
                // A norm turns sharply close to zero: there the differences say nothing.
                let is_small = |&j: &u32| values[*source][j as usize].0.abs() < 1e-2;
                if groups.iter().any(|group| group.iter().all(is_small)) {
                    return None;
                }
            }
            Operation::Input | Operation::Affine { .. } => {}
        }
    }
    Some(pattern)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn values_and_gradients_are_right(seed: u64, inputs in 1usize..5, steps in 1usize..10) {
        let mut random = Random(seed);
        let graph = random::graph(&mut random, inputs, steps);
        let x = random::samples(&mut random, &vec![-1.0; inputs], &vec![1.0; inputs], 7);
        let activations = graph.evaluate(&x, 7);
        let node = graph.nodes().len() - 1;
        let size = graph.size(node);
        let seeds: Vec<f64> = (0..7 * size).map(|_| random.signed()).collect();
        let gradients = graph.gradient(&activations, node, &seeds);
        for (b, x) in x.chunks(inputs).enumerate() {
            let exact = random::evaluate(&graph, x);
            let scale = 1.0 + exact.iter().flatten().fold(0.0_f64, |most, value| most.max(value.0.abs()));
            for (node, values) in exact.iter().enumerate() {
                for (entry, value) in values.iter().enumerate() {
                    let computed = activations.node(node)[b * values.len() + entry];
                    prop_assert!((computed - value.0).abs() <= 1e-11 * scale);
                }
            }
            let step = 1e-8;
            for i in 0..inputs {
                let at = |shift: f64| {
                    let mut moved = x.to_vec();
                    moved[i] += shift;
                    random::evaluate(&graph, &moved)
                };
                let (above, below) = (at(step), at(-step));
                let here = pattern(&graph, &exact);
                if here.is_none() || pattern(&graph, &above) != here || pattern(&graph, &below) != here {
                    continue;
                }
                // The two shifted designs are rounded, so the true distance between them is taken.
                let distance = (x[i] + step) - (x[i] - step);
                let difference = (0..size).fold(Double::of(0.0), |sum, entry| {
                    let change = above[node][entry].add(below[node][entry].negated());
                    sum.add(change.times(Double::of(seeds[b * size + entry])))
                });
                let slope = difference.0 / distance;
                let gradient = gradients[b * inputs + i];
                prop_assert!((slope - gradient).abs() <= 1e-5 * scale * scale, "{slope} is not {gradient}");
            }
        }
    }

    #[test]
    fn one_node_or_all_of_them_in_batches_of_any_size(seed: u64, steps in 1usize..10) {
        let mut random = Random(seed);
        let graph = random::graph(&mut random, 3, steps);
        let x = random::samples(&mut random, &[-1.0; 3], &[1.0; 3], 600);
        let activations = graph.evaluate(&x, 600);
        let node = random.below(graph.nodes().len());
        prop_assert_eq!(&graph.evaluate_node(&x, 600, node)[..], activations.node(node));
        let seeds: Vec<f64> = (0..600 * graph.size(node)).map(|_| random.signed()).collect();
        prop_assert_eq!(graph.gradient_at(&x, 600, node, &seeds), graph.gradient(&activations, node, &seeds));
    }

    #[test]
    fn an_appended_graph_computes_the_same(seed: u64, steps in 1usize..10) {
        let mut random = Random(seed);
        let mut outer = random::graph(&mut random, 3, steps);
        let source = random.below(outer.nodes().len());
        let inner = random::graph(&mut random, outer.size(source), steps);
        let (before, digest) = (outer.nodes().len(), inner.digest());
        let output = outer.append(&inner, source).unwrap();
        prop_assert_eq!(outer.nodes().len(), before + inner.nodes().len() - 1);
        prop_assert_eq!(outer.output(), output);
        prop_assert_eq!(inner.digest(), digest);
        let x = random::samples(&mut random, &[-1.0; 3], &[1.0; 3], 5);
        let activations = outer.evaluate(&x, 5);
        let composed = inner.evaluate(activations.node(source), 5);
        prop_assert_eq!(activations.node(output), composed.node(inner.output()));
    }
}
