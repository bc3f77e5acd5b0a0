//! The tree over input boxes: its bound is never beaten by a sample, and meets the best design it knows
//! (with constraints, designs are left to the other engines).
#![allow(clippy::unwrap_used)]

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use preimage_core::branch::{Fate, Recorded, Rectangle, Tree};
use preimage_core::graph::{Graph, Matrix};
use preimage_core::model::{Domain, Formula, Model};
use proptest::prelude::*;
use proptest::test_runner::TestRng;

/// Relative and absolute gap at which a run ends: without polishing, designs reach an optimum of zero only so closely.
const GAP: f64 = 1e-3;

struct Draw(TestRng);

impl Draw {
    fn new(seed: u64) -> Self {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        Draw(TestRng::from_seed(
            proptest::test_runner::RngAlgorithm::ChaCha,
            &bytes,
        ))
    }
    fn unit(&mut self) -> f64 {
        self.0.random_range(-1.0..1.0)
    }
    fn below(&mut self, limit: usize) -> usize {
        self.0.random_range(0..limit)
    }
    fn matrix(&mut self, rows: usize, columns: usize) -> Arc<Matrix> {
        let data = (0..rows * columns).map(|_| self.unit()).collect();
        Arc::new(Matrix::dense(rows, columns, data).unwrap())
    }
    fn vector(&mut self, size: usize) -> Vec<f64> {
        (0..size).map(|_| self.unit()).collect()
    }
}

/// A random network with kinks of every slope and maxima, a norm of its outputs as objective (minimised or maximised),
/// and perhaps a linear constraint and one on an output.
fn model(seed: u64) -> Model {
    let mut draw = Draw::new(seed);
    let inputs = 1 + draw.below(3);
    let outputs = 1 + draw.below(3);
    let mut graph = Graph::new(inputs);
    let mut last = 0;
    for _ in 0..1 + draw.below(2) {
        let width = 2 + draw.below(5);
        let size = graph.size(last);
        let (matrix, bias) = (draw.matrix(width, size), draw.vector(width));
        last = graph.affine(vec![(last, matrix)], bias).unwrap();
        let slopes = (0..width)
            .map(|_| [0.0, 0.0, 0.1, -1.0, 1.5][draw.below(5)])
            .collect();
        last = graph.kink(last, slopes).unwrap();
        if draw.below(4) == 0 {
            last = graph
                .max(last, vec![vec![0, 1], (0..width as u32).collect(), vec![1]])
                .unwrap();
        }
    }
    let size = graph.size(last);
    let (matrix, bias) = (draw.matrix(outputs, size), draw.vector(outputs));
    let network = graph.affine(vec![(last, matrix)], bias).unwrap();
    let distance = graph.absolute(network).unwrap();
    let sign = if draw.below(3) == 0 { -1.0 } else { 1.0 };
    let ones = Arc::new(Matrix::dense(1, outputs, vec![sign; outputs]).unwrap());
    let objective = graph.affine(vec![(distance, ones)], vec![0.0]).unwrap();
    let domains: Vec<Domain> = (0..inputs)
        .map(|_| {
            if draw.below(3) == 0 {
                Domain::Integer
            } else {
                Domain::Continuous
            }
        })
        .collect();
    let mut requirements = Vec::new();
    if draw.below(2) == 0 {
        let ones = draw.matrix(1, inputs);
        let row = graph.affine(vec![(0, ones)], vec![0.0]).unwrap();
        requirements.push((
            0,
            Formula::Within {
                node: row,
                lower: vec![f64::NEG_INFINITY],
                upper: vec![0.3],
            },
        ));
    }
    if draw.below(3) == 0 {
        let (lower, upper) = (vec![f64::NEG_INFINITY; outputs], vec![0.8; outputs]);
        requirements.push((
            1,
            Formula::Within {
                node: network,
                lower,
                upper,
            },
        ));
    }
    let (lower, upper) = (vec![-2.0; inputs], vec![2.0; inputs]);
    Model::new(
        Arc::new(graph),
        lower,
        upper,
        domains,
        Vec::new(),
        requirements,
        Some(objective),
    )
    .unwrap()
}

/// Runs the tree to its end; returns the bound and the best value met.
fn solve(model: &Model, threads: usize) -> (f64, f64, bool) {
    let mut tree = Tree::new(model, threads).unwrap();
    let (stop, mut best) = (AtomicBool::new(false), f64::INFINITY);
    while tree.nodes() < 20_000 {
        let threshold = best - (GAP * best.abs()).max(GAP);
        tree.advance(threshold, best, Duration::from_millis(5), &stop);
        for x in tree.take_candidates() {
            let activations = model.graph.evaluate(&x, 1);
            best = best.min(model.objective(&activations)[0]);
        }
        if tree.exhausted() {
            break;
        }
    }
    (tree.bound(), best, tree.exhausted())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn no_sample_beats_the_bound(seed in any::<u64>()) {
        let model = model(seed);
        let (bound, best, exhausted) = solve(&model, 1);
        let mut draw = Draw::new(seed ^ 1);
        let inputs = model.lower.len();
        let x: Vec<f64> = (0..3000 * inputs)
            .map(|i| {
                let x = 2.0 * draw.unit();
                if matches!(model.domains[i % inputs], Domain::Integer) { x.round() } else { x }
            })
            .collect();
        let activations = model.graph.evaluate(&x, 3000);
        let values = model.objective(&activations);
        let violations = model.violation(&activations);
        let mut least = f64::INFINITY;
        for (value, violation) in values.iter().zip(&violations) {
            if *violation <= 0.0 {
                least = least.min(*value);
            }
        }
        prop_assert!(bound <= least + 1e-9, "bound {bound} above a sample of {least}");
        if model.requirements.is_empty() {
            prop_assert!(exhausted, "[{bound}, {best}] after 20000 nodes");
            prop_assert!(best - bound <= 1.01 * (GAP * best.abs()).max(GAP), "[{bound}, {best}]");
        }
    }
}

#[test]
fn the_tree_does_not_depend_on_the_number_of_runs() {
    for seed in 0..10 {
        let model = model(seed);
        let (first, second) = (solve(&model, 2), solve(&model, 2));
        assert!(
            first.0 == second.0 || (first.0 - second.0).abs() <= 2.0 * GAP * first.0.abs().max(1.0)
        );
    }
}

fn area(of: Rectangle) -> f64 {
    (of[2] - of[0]) * (of[3] - of[1])
}

/// The share of the root that contraction cut away, and that leaves cover.
fn covered(boxes: &[Recorded]) -> (f64, f64) {
    let (mut cut, mut leaves) = (0.0, 0.0);
    for b in boxes {
        cut += b.weight * (area(b.entered) - area(b.kept));
        if b.fate != Fate::Split {
            leaves += b.weight * area(b.kept);
        }
    }
    let root = area(boxes[0].entered);
    (cut / root, leaves / root)
}

#[test]
fn recorded_boxes_tile_the_root() {
    let (mut seen, mut cut_somewhere, mut fates) = (0, false, [0; 4]);
    for seed in 0..120 {
        let model = model(seed);
        let mut tree = Tree::new(&model, 1).unwrap();
        let (stop, mut best) = (AtomicBool::new(false), f64::INFINITY);
        while tree.nodes() < 3_000 && !tree.exhausted() {
            let threshold = best - (GAP * best.abs()).max(GAP);
            tree.advance(threshold, best, Duration::from_micros(200), &stop);
            for x in tree.take_candidates() {
                best = best.min(model.objective(&model.graph.evaluate(&x, 1))[0]);
            }
            let Some((inputs, boxes)) = tree.boxes(f64::INFINITY) else {
                break;
            };
            assert_eq!(inputs, [0, 1]);
            let (cut, leaves) = covered(&boxes);
            assert!(
                cut >= 0.0 && (cut + leaves - 1.0).abs() < 1e-9,
                "{cut} + {leaves}"
            );
            let waiting: usize = boxes.iter().map(|b| b.waiting).sum();
            assert_eq!(waiting, tree.open(), "seed {seed}");
            cut_somewhere |= cut > 0.01;
        }
        if let Some((_, boxes)) = tree.boxes(best) {
            seen += usize::from(boxes.len() > 1);
            boxes.iter().for_each(|b| fates[b.fate as usize] += 1);
        }
    }
    assert!(
        seen > 10 && cut_somewhere && fates[Fate::Pruned as usize] > 100,
        "{seen} {fates:?}"
    );
}

#[test]
fn other_trees_keep_no_record() {
    for seed in 0..40 {
        let model = model(seed);
        if model.lower.len() != 2 {
            assert!(Tree::new(&model, 1).unwrap().boxes(0.0).is_none());
        }
    }
}
