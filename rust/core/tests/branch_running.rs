//! Trees over input boxes do the same whenever they are run the same way, and hear when they are to stop.
#![allow(clippy::unwrap_used)]

#[path = "random/models.rs"]
mod models;
mod random;
#[path = "random/trees.rs"]
mod trees;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use models::{Kind, model};
use preimage_core::branch::Tree;
use preimage_core::graph::{Graph, Matrix};
use preimage_core::model::{Domain, Model};
use random::Random;
use trees::{demand, for_all, run};

#[test]
fn the_same_run_twice() {
    for_all(0..150, |seed| {
        let mut random = Random(seed);
        let kind = [Kind::Discrete, Kind::Mixed, Kind::Plain][random.below(3)];
        let model = model(&mut random, kind);
        let threads = 1 + random.below(2);
        let ends = [(); 2].map(|()| {
            run(&model, threads, 1e-3, 300).map(|run| {
                let same = run.exhausted;
                (same, run.bound.to_bits(), run.best.to_bits(), run.nodes)
            })
        });
        // Where the number of nodes ended a run, it ended by the clock.
        let ended = ends.iter().flatten().all(|end| end.0);
        demand(!ended || ends[0] == ends[1], || format!("{ends:?}"))
    });
}

/// A network of several wide layers over a few inputs, whose boxes take long.
fn large(width: usize, depth: usize) -> Model {
    let mut random = Random(1);
    let mut graph = Graph::new(6);
    let mut last = 0;
    for layer in 0..=depth {
        let rows = if layer == depth { 10 } else { width };
        let size = graph.size(last);
        let scale = 2.0 / (size as f64).sqrt();
        let data = (0..rows * size).map(|_| scale * random.signed()).collect();
        let matrix = Arc::new(Matrix::dense(rows, size, data).unwrap());
        let bias = (0..rows).map(|_| 0.1 * random.signed()).collect();
        last = graph.affine(vec![(last, matrix)], bias).unwrap();
        if layer < depth {
            last = graph.relu(last).unwrap();
        }
    }
    let sizes = graph.absolute(last).unwrap();
    let ones = Arc::new(Matrix::dense(1, 10, vec![1.0; 10]).unwrap());
    let objective = graph.affine(vec![(sizes, ones)], vec![0.0]).unwrap();
    Model::new(
        Arc::new(graph),
        vec![-1.0; 6],
        vec![1.0; 6],
        vec![Domain::Continuous; 6],
        Vec::new(),
        Vec::new(),
        Some(objective),
    )
    .unwrap()
}

#[test]
fn a_stop_is_heard_soon() {
    let mut tree = Tree::new(&large(400, 4), 1).unwrap();
    for wait in [20, 150, 400] {
        let stop = AtomicBool::new(false);
        let heard = std::thread::scope(|scope| {
            let set = scope.spawn(|| {
                std::thread::sleep(Duration::from_millis(wait));
                stop.store(true, Ordering::Relaxed);
                Instant::now()
            });
            tree.advance(
                f64::INFINITY,
                f64::NEG_INFINITY,
                Duration::from_secs(60),
                &stop,
            );
            let end = Instant::now();
            end.saturating_duration_since(set.join().unwrap())
        });
        println!("heard after {heard:?}, {} nodes", tree.nodes());
        // Other work on the machine may come in between.
        assert!(heard < Duration::from_millis(500), "heard after {heard:?}");
    }
}
