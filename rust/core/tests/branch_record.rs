//! The record of a tree over two inputs: its boxes tile the root.
#![allow(clippy::unwrap_used)]

#[path = "random/models.rs"]
mod models;
mod random;
#[path = "random/trees.rs"]
mod trees;

use std::sync::atomic::AtomicBool;
use std::time::Duration;

use models::{Kind, model};
use preimage_core::branch::{Fate, Recorded, Rectangle};
use random::Random;
use trees::tree;

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
        let model = model(&mut Random(seed), Kind::Plain);
        let mut tree = tree(&model, 1).unwrap();
        let (stop, mut best) = (AtomicBool::new(false), f64::INFINITY);
        while tree.nodes() < 3_000 && !tree.exhausted() {
            let threshold = best - (1e-3 * best.abs()).max(1e-3);
            tree.advance(threshold, best, Duration::from_micros(200), &stop);
            for x in tree.take_candidates() {
                best = best.min(model.objective_at(&x, 1)[0]);
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
        let model = model(&mut Random(seed), Kind::Plain);
        if model.lower.len() != 2 {
            assert!(tree(&model, 1).unwrap().boxes(0.0).is_none());
        }
    }
}
