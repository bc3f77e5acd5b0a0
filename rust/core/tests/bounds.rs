//! No design of a box may leave its bounds, neither in f64 nor with twice the digits.

#![allow(clippy::unwrap_used)]

mod random;

use std::sync::Arc;

use preimage_core::bounds::relaxation::Relaxation;
use preimage_core::bounds::{Bounds, crown, interval};
use preimage_core::graph::{Graph, Matrix, Operation};
use proptest::prelude::*;
use random::{Double, Random};

/// A box of one of the kinds that go wrong differently: ordinary, a point, a hair's breadth, huge, or mixed.
fn bounding_box(random: &mut Random, inputs: usize, kind: usize) -> (Vec<f64>, Vec<f64>) {
    let side = |random: &mut Random| {
        let kind = if kind == 4 { random.below(4) } else { kind };
        let lower = random.signed();
        match kind {
            0 => (lower, lower + random.unit()),
            1 => (lower, lower),
            2 => (lower, lower + 1e-13 * random.unit()),
            _ => (1e8 * lower, 1e8 * lower + 1e9 * random.unit()),
        }
    };
    (0..inputs).map(|_| side(random)).unzip()
}

fn assert_inside(graph: &Graph, bounds: &Bounds, x: &[f64], batch: usize) {
    let activations = graph.evaluate(x, batch);
    for node in 0..graph.nodes().len() {
        let size = graph.size(node);
        for (place, &value) in activations.node(node).iter().enumerate() {
            let entry = place % size;
            let (lower, upper) = (bounds.lower[node][entry], bounds.upper[node][entry]);
            assert!(
                lower <= value && value <= upper,
                "node {node} entry {entry}: {value:e} is outside [{lower:e}, {upper:e}]"
            );
        }
    }
}

fn assert_inside_exactly(graph: &Graph, bounds: &Bounds, x: &[f64]) {
    for (node, values) in random::evaluate(graph, x).into_iter().enumerate() {
        for (entry, value) in values.into_iter().enumerate() {
            let (lower, upper) = (bounds.lower[node][entry], bounds.upper[node][entry]);
            assert!(
                !value.less(Double::of(lower)) && !Double::of(upper).less(value),
                "node {node} entry {entry}: {value:?} is outside [{lower:e}, {upper:e}]"
            );
        }
    }
}

fn assert_within(inner: &Bounds, outer: &Bounds) {
    for node in 0..inner.lower.len() {
        for entry in 0..inner.lower[node].len() {
            assert!(inner.lower[node][entry] >= outer.lower[node][entry]);
            assert!(inner.upper[node][entry] <= outer.upper[node][entry]);
            assert!(inner.lower[node][entry] <= inner.upper[node][entry]);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_design_leaves_its_bounds(seed: u64, inputs in 1usize..5, steps in 1usize..12, kind in 0usize..5) {
        let mut random = Random(seed);
        let graph = random::graph(&mut random, inputs, steps);
        let (lower, upper) = bounding_box(&mut random, inputs, kind);
        let by_interval = interval::bounds(&graph, &lower, &upper).unwrap();
        let every: Vec<usize> = (0..graph.nodes().len()).collect();
        let by_crown = crown::bounds(&graph, &lower, &upper, &every).unwrap();
        assert_within(&by_crown, &by_interval);
        assert_within(&crown::bounds(&graph, &lower, &upper, &[]).unwrap(), &by_interval);
        let x = random::samples(&mut random, &lower, &upper, 200);
        assert_inside(&graph, &by_crown, &x, 200);
        for x in x.chunks(inputs).take(20) {
            assert_inside_exactly(&graph, &by_crown, x);
            assert_inside(&graph, &by_crown, x, 1);
        }
    }

    #[test]
    fn a_form_below_is_below_with_any_slopes(seed: u64, inputs in 1usize..5, steps in 1usize..12, kind in 0usize..5) {
        let mut random = Random(seed);
        let graph = random::graph(&mut random, inputs, steps);
        let (lower, upper) = bounding_box(&mut random, inputs, kind);
        let bounds = crown::bounds(&graph, &lower, &upper, &[]).unwrap();
        let mut relaxation = Relaxation::new(&graph, &bounds);
        for node in 0..graph.nodes().len() {
            if let Operation::Kink { slopes, .. } = &graph.nodes()[node].operation {
                // From slopes that are not sound, too: those must be moved to ones that are.
                let free: Vec<f64> = slopes.iter().map(|slope| slope + (1.5 - slope) * random.unit()).collect();
                relaxation.set_slopes(node, &free, &bounds);
            }
        }
        let node = random.below(graph.nodes().len());
        let size = graph.size(node);
        let coefficients: Vec<f64> = (0..2 * size).map(|_| random.signed()).collect();
        let below = relaxation.below(node, &coefficients, 2);
        let above = relaxation.above(node, &coefficients, 2);
        for x in random::samples(&mut random, &lower, &upper, 30).chunks(inputs) {
            let values = &random::evaluate(&graph, x)[node];
            let line = |a: &[f64], values: &[Double], constant: f64| {
                a.iter().zip(values).fold(Double::of(constant), |sum, (&a, &v)| sum.add(v.times(Double::of(a))))
            };
            let x: Vec<Double> = x.iter().map(|&x| Double::of(x)).collect();
            for row in 0..2 {
                let value = line(&coefficients[row * size..][..size], values, 0.0);
                let form = |forms: &preimage_core::bounds::forms::Forms, sign: f64| {
                    let constant = Double::of(forms.constants[row]).add(Double::of(sign * forms.margins[row]));
                    line(&forms.coefficients[row * inputs..][..inputs], &x, 0.0).add(constant)
                };
                let (least, most) = (form(&below, -1.0), form(&above, 1.0));
                prop_assert!(!value.less(least), "{least:?} is not below {value:?}");
                prop_assert!(!most.less(value), "{most:?} is not above {value:?}");
            }
        }
    }
}

#[test]
fn a_hundred_thousand_designs_stay_inside() {
    for (seed, kind) in [(1, 0), (2, 2), (3, 3), (4, 4)] {
        let mut random = Random(seed);
        let graph = random::graph(&mut random, 3, 14);
        let (lower, upper) = bounding_box(&mut random, 3, kind);
        let bounds = crown::bounds(&graph, &lower, &upper, &[]).unwrap();
        let x = random::samples(&mut random, &lower, &upper, 100_000);
        assert_inside(&graph, &bounds, &x, 100_000);
    }
}

#[test]
fn overflow_gives_no_false_bound() {
    let mut graph = Graph::new(2);
    let huge = Arc::new(Matrix::dense(2, 2, vec![1e200, -1e200, 1.0, 1.0]).unwrap());
    let first = graph
        .affine(vec![(0, huge.clone())], vec![0.0, 1.0])
        .unwrap();
    let hidden = graph.relu(first).unwrap();
    let second = graph.affine(vec![(hidden, huge)], vec![0.0, 1.0]).unwrap();
    let last = graph.norm(second, vec![vec![0, 1]]).unwrap();
    let bounds = crown::bounds(&graph, &[-1e200; 2], &[1e200; 2], &[]).unwrap();
    assert_eq!(
        (bounds.lower[last][0], bounds.upper[last][0]),
        (0.0, f64::INFINITY)
    );
    assert_eq!(bounds.upper[second][0], f64::INFINITY);
    assert!(bounds.lower[second][1] <= 1.0 && bounds.upper[second][1] >= 1e200);
}

#[test]
fn clip_and_slices_are_exact_by_intervals() {
    let mut graph = Graph::new(3);
    let clip = graph.clip(0, &[0.1, -1.0, 0.0], &[0.3, 1.0, 6.0]).unwrap();
    let bounds = interval::bounds(&graph, &[-5.0, -0.5, -1.0], &[5.0, 0.5, 2.0]).unwrap();
    // Shifting by 0.1 rounds, so that entry is enclosed to a unit in the last place or so; the others are exact.
    assert!(bounds.lower[clip][0] <= 0.1 && bounds.lower[clip][0] > 0.1 - 1e-15);
    assert!(bounds.upper[clip][0] >= 0.3 && bounds.upper[clip][0] < 0.3 + 1e-15);
    assert_eq!(&bounds.lower[clip][1..], &[-0.5, 0.0]);
    assert_eq!(&bounds.upper[clip][1..], &[0.5, 2.0]);
    let relu = graph.relu(0).unwrap();
    let bounds = interval::bounds(&graph, &[0.0; 3], &[1.0; 3]).unwrap();
    assert_eq!(
        (&bounds.lower[relu], &bounds.upper[relu]),
        (&vec![0.0; 3], &vec![1.0; 3])
    );
}

#[test]
fn crown_sees_through_cancellation() {
    // y = relu(x + 2) - x, which is 2 wherever the ReLU is active.
    let one = Arc::new(Matrix::identity(1));
    let minus = Arc::new(Matrix::diagonal(&[-1.0]));
    let mut graph = Graph::new(1);
    let shifted = graph.affine(vec![(0, one.clone())], vec![2.0]).unwrap();
    let active = graph.relu(shifted).unwrap();
    let y = graph
        .affine(vec![(active, one), (0, minus)], vec![0.0])
        .unwrap();
    let loose = interval::bounds(&graph, &[-1.0], &[1.0]).unwrap();
    assert!(loose.lower[y][0] <= 0.0 && loose.upper[y][0] >= 4.0);
    let tight = crown::bounds(&graph, &[-1.0], &[1.0], &[]).unwrap();
    assert!((tight.lower[y][0] - 2.0).abs() < 1e-13 && (tight.upper[y][0] - 2.0).abs() < 1e-13);
}

/// The kinks, maxima and norms of two entries, and what the best line says in the middle of a box.
#[test]
fn relaxations_are_as_tight_as_the_textbook() {
    // |x| on [-1, 3]: the line below has slope 1, the chord above is 1.5 + x / 2.
    let mut graph = Graph::new(1);
    let size = graph.absolute(0).unwrap();
    let bounds = interval::bounds(&graph, &[-1.0], &[3.0]).unwrap();
    let (a, c, _) = crown::lower_form(&graph, &bounds, size, &[1.0]);
    assert_eq!((a[0], c), (1.0, 0.0));
    let (a, c, _) = crown::upper_form(&graph, &bounds, size, &[1.0]);
    assert!((a[0] - 0.5).abs() < 1e-15 && (c - 1.5).abs() < 1e-13);

    // max(x, y) with y never above x.
    let mut graph = Graph::new(2);
    let most = graph.max(0, vec![vec![0, 1]]).unwrap();
    let bounds = interval::bounds(&graph, &[1.0, -1.0], &[2.0, 1.0]).unwrap();
    let (a, c, margin) = crown::upper_form(&graph, &bounds, most, &[1.0]);
    assert_eq!((a, c), (vec![1.0, 0.0], 0.0));
    assert!(margin < 1e-13);

    // |(x, y)| around (3, 4): the supporting form has the unit direction, the form above is exact to second order.
    let mut graph = Graph::new(2);
    let norm = graph.norm(0, vec![vec![0, 1]]).unwrap();
    let bounds = interval::bounds(&graph, &[2.9, 3.9], &[3.1, 4.1]).unwrap();
    let (a, c, _) = crown::lower_form(&graph, &bounds, norm, &[1.0]);
    assert!((a[0] - 0.6).abs() < 1e-12 && (a[1] - 0.8).abs() < 1e-12 && c.abs() < 1e-12);
    let (a, c, _) = crown::upper_form(&graph, &bounds, norm, &[1.0]);
    assert!((3.0 * a[0] + 4.0 * a[1] + c - 5.0).abs() < 3e-3);
}

#[test]
fn margins_are_far_below_what_anyone_sees() {
    let mut random = Random(9);
    let mut graph = Graph::new(4);
    for (rows, columns) in [(100, 4), (100, 100), (100, 100), (31, 100)] {
        let scale = (columns as f64).sqrt().recip();
        let data = (0..rows * columns)
            .map(|_| scale * random.signed())
            .collect();
        let matrix = Arc::new(Matrix::dense(rows, columns, data).unwrap());
        let z = graph
            .affine(vec![(graph.nodes().len() - 1, matrix)], vec![0.1; rows])
            .unwrap();
        if rows == 100 {
            graph.relu(z).unwrap();
        }
    }
    let bounds = crown::bounds(&graph, &[0.0; 4], &[1.0; 4], &[]).unwrap();
    let forms = Relaxation::new(&graph, &bounds).below(graph.output(), &[1.0; 31], 1);
    assert!(
        forms.margins[0] > 0.0 && forms.margins[0] < 1e-10,
        "{}",
        forms.margins[0]
    );
}

#[test]
fn malformed_boxes_are_refused() {
    let graph = Graph::new(2);
    for (lower, upper) in [
        (vec![0.0], vec![1.0]),
        (vec![0.0, f64::NAN], vec![1.0; 2]),
        (vec![0.0, 2.0], vec![1.0; 2]),
    ] {
        assert!(interval::bounds(&graph, &lower, &upper).is_err());
        assert!(crown::bounds(&graph, &lower, &upper, &[]).is_err());
    }
    assert!(crown::bounds(&graph, &[0.0; 2], &[1.0; 2], &[1]).is_err());
}
