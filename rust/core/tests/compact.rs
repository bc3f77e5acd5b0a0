//! The smaller model of a box against the first one: the same values, nothing better lost, nothing left that is decided.
#![allow(clippy::unwrap_used)]

#[path = "random/models.rs"]
mod models;
mod random;
#[path = "random/trees.rs"]
mod trees;

use std::sync::Arc;

use models::{Kind, model};
use preimage_core::branch::compact::{Compact, Thrift, compact};
use preimage_core::graph::{Graph, Matrix, Operation};
use preimage_core::model::{Domain, Formula, Model};
use random::{Double, Random, evaluate, samples};
use trees::{demand, for_all};

const ANY: Thrift = Thrift {
    evaluations: f64::INFINITY,
    share: f64::INFINITY,
};

/// The largest difference that is stated of these small models.
const LARGEST: f64 = 1e-10;

const POINTS: usize = 1000;

/// The model in a box around one of its points, down to a thousandth of its own; the domains are of no interest here.
fn narrowed(mut model: Model, random: &mut Random) -> Model {
    let share = [1.0, 0.3, 0.1, 0.01, 0.001][random.below(5)];
    for i in 0..model.input_size() {
        let (lower, upper) = (model.lower[i], model.upper[i]);
        let centre = lower + random.unit() * (upper - lower);
        let reach = 0.5 * share * (upper - lower);
        (model.lower[i], model.upper[i]) = (lower.max(centre - reach), upper.min(centre + reach));
        model.domains[i] = Domain::Continuous;
    }
    model.selections.clear();
    model
}

/// The undecided units of a graph: kinks, and entries of maxima.
fn units(graph: &Graph) -> usize {
    let count = |operation: &Operation| match operation {
        Operation::Kink { slopes, .. } => slopes.len(),
        Operation::Max { groups, .. } => groups.len(),
        _ => 0,
    };
    graph
        .nodes()
        .iter()
        .map(|node| count(&node.operation))
        .sum()
}

fn the_values_are_the_same(seed: u64) -> Result<(), String> {
    let mut random = Random(seed);
    let kind = [Kind::Mixed, Kind::Plain, Kind::Discrete][random.below(3)];
    let model = model(&mut random, kind);
    let model = narrowed(model, &mut random);
    let Some(found) = compact(&model, ANY) else {
        return Ok(());
    };
    let (small, difference) = (&found.model, found.difference);
    demand(difference <= LARGEST, || {
        format!("a difference of {difference}")
    })?;
    let inputs = model.input_size();
    let x = samples(&mut random, &model.lower, &model.upper, POINTS);
    let count = x.len() / inputs;
    let (first, then) = (model.objective_at(&x, count), small.objective_at(&x, count));
    for (a, b) in first.iter().zip(&then) {
        demand((a - b).abs() <= difference, || {
            format!("objective {a}, then {b}")
        })?;
    }
    let (first, then) = (model.violation_at(&x, count), small.violation_at(&x, count));
    let outside = found.outer.violation_at(&x, count);
    for ((a, b), c) in first.iter().zip(&then).zip(&outside) {
        demand((a - b).abs() <= LARGEST, || {
            format!("violation {a}, then {b}")
        })?;
        demand(c <= a, || {
            format!("violation {a}, then {c} of what is weaker")
        })?;
    }
    if let (Some(node), Some(place)) = (model.objective, small.objective) {
        for x in x.chunks_exact(inputs).take(20) {
            let first = evaluate(&model.graph, x)[node][0];
            let then = evaluate(&small.graph, x)[place][0];
            for (low, high) in [(first, then), (then, first)] {
                let far = !low.add(Double::of(difference)).less(high);
                demand(far, || format!("exactly too far at {x:?}"))?;
            }
        }
    }
    Ok(())
}

#[test]
fn values_are_the_same() {
    for_all(0..600, the_values_are_the_same);
}

#[test]
fn most_models_have_a_smaller_one() {
    let mut found = 0;
    for seed in 0..200 {
        let mut random = Random(seed);
        let model = model(&mut random, Kind::Plain);
        let model = narrowed(model, &mut random);
        found += usize::from(compact(&model, ANY).is_some());
    }
    assert!(found > 150, "{found}");
}

/// A network of kinks with the sum of its outputs as the objective, in a box of some half-width.
fn network(random: &mut Random, sizes: &[usize], half_width: f64) -> Model {
    let mut graph = Graph::new(sizes[0]);
    let mut last = 0;
    for pair in sizes.windows(2) {
        let data = (0..pair[0] * pair[1])
            .map(|_| 2.0 * random.signed() / (pair[0] as f64).sqrt())
            .collect();
        let matrix = Arc::new(Matrix::dense(pair[1], pair[0], data).unwrap());
        let bias = (0..pair[1]).map(|_| random.signed()).collect();
        last = graph.affine(vec![(last, matrix)], bias).unwrap();
        let slopes = (0..pair[1]).map(|_| [0.0, 0.1, -1.0, 1.5][random.below(4)]);
        last = graph.kink(last, slopes.collect()).unwrap();
    }
    let size = *sizes.last().unwrap();
    let row =
        Arc::new(Matrix::dense(1, size, (0..size).map(|_| random.signed()).collect()).unwrap());
    let objective = graph.affine(vec![(last, row)], vec![0.0]).unwrap();
    let (lower, upper) = (0..sizes[0])
        .map(|_| random.signed())
        .map(|c| (c - half_width, c + half_width))
        .unzip();
    let domains = vec![Domain::Continuous; sizes[0]];
    Model::new(
        Arc::new(graph),
        lower,
        upper,
        domains,
        Vec::new(),
        Vec::new(),
        Some(objective),
    )
    .unwrap()
}

#[test]
fn only_undecided_units_are_left() {
    for seed in 0..200 {
        let mut random = Random(seed);
        let half_width = [1.0, 0.1, 0.01][random.below(3)];
        let model = network(&mut random, &[3, 8, 8, 4], half_width);
        let Compact {
            model: small,
            decided,
            ..
        } = compact(&model, ANY).unwrap();
        let undecided: usize = decided.iter().map(|(_, counts)| counts[2]).sum();
        assert_eq!(units(&small.graph), undecided, "seed {seed}");
        let x = samples(&mut random, &model.lower, &model.upper, POINTS);
        for (node, [active, inactive, undecided]) in decided {
            let size = model.graph.size(node);
            assert_eq!(active + inactive + undecided, size);
            let z = model.graph.evaluate_node(&x, x.len() / 3, node - 1);
            let signs = |entry: usize| {
                let values = || z.iter().skip(entry).step_by(size);
                (values().any(|z| *z > 0.0), values().any(|z| *z < 0.0))
            };
            let both = (0..size)
                .filter(|&entry| signs(entry) == (true, true))
                .count();
            let positive = (0..size).filter(|&entry| signs(entry).0).count();
            assert!(
                both <= undecided && positive <= active + undecided,
                "seed {seed}"
            );
        }
    }
}

#[test]
fn a_narrow_box_pays_and_a_wide_one_does_not() {
    let sizes = [4, 60, 60, 60];
    let wide = network(&mut Random(1), &sizes, 1.0);
    let narrow = network(&mut Random(1), &sizes, 1e-4);
    assert!(compact(&wide, Thrift::default()).is_none());
    let small = compact(&narrow, Thrift::default()).unwrap().model;
    assert!(units(&small.graph) < 10);
    assert!(small.graph.nodes().len() < narrow.graph.nodes().len() + 2);
}

#[test]
fn what_reads_inputs_alone_is_taken_over() {
    let mut model = network(&mut Random(3), &[4, 20, 20], 1e-3);
    let mut graph = Graph::clone(&model.graph);
    let ones = Arc::new(Matrix::dense(1, 4, vec![1.0; 4]).unwrap());
    let sum = graph.affine(vec![(0, ones)], vec![-0.1]).unwrap();
    model.graph = Arc::new(graph);
    let equation = |node| Formula::Within {
        node,
        lower: vec![0.3],
        upper: vec![0.3],
    };
    model.requirements = vec![(7, equation(sum)), (8, equation(model.objective.unwrap()))];
    let small = compact(&model, ANY).unwrap().outer;
    let [(7, Formula::Within { node, lower, upper }), (8, moved)] = &small.requirements[..] else {
        panic!("{:?}", small.requirements);
    };
    assert_eq!((lower, upper), (&vec![0.3], &vec![0.3]));
    let Operation::Affine { terms, bias } = &small.graph.nodes()[*node].operation else {
        panic!("not affine");
    };
    assert_eq!((terms.len(), terms[0].0, bias), (1, 0, &vec![-0.1]));
    let Formula::Within { lower, upper, .. } = moved else {
        panic!("{moved:?}");
    };
    assert!(lower[0] < 0.3 && 0.3 < upper[0] && upper[0] - lower[0] < 2.0 * LARGEST);
}
