//! The tree over input boxes against samples: no design that holds lies below its bound, whatever the threshold.
#![allow(clippy::unwrap_used)]

#[path = "random/models.rs"]
mod models;
mod random;
#[path = "random/trees.rs"]
mod trees;

use std::sync::atomic::AtomicBool;
use std::time::Duration;

use models::{Kind, model, scaled_model};
use preimage_core::model::Model;
use random::Random;
use trees::{HOLDS, demand, for_all, run, search, tree};

/// Without polishing, designs reach the optimum only so closely.
const GAP: f64 = 1e-3;

const MOST_NODES: u64 = 1500;

/// How far a sample may lie below a bound: it may violate what it has to hold by a little.
fn room(value: f64) -> f64 {
    100.0 * HOLDS * value.abs().max(1.0)
}

fn no_sample_beats_the_bound(seed: u64, kind: Kind) -> Result<(), String> {
    let mut random = Random(seed);
    let model = model(&mut random, kind);
    let (least, x) = search(&model, &mut random, 12);
    let Some(run) = run(&model, 1 + random.below(2), GAP, MOST_NODES) else {
        return Ok(());
    };
    let here = || format!("{run:?}, but a sample has {least} at {x:?}");
    demand(
        least.is_infinite() || run.bound <= least + room(least),
        || format!("bound too high: {}", here()),
    )?;
    demand(
        run.best.is_infinite() || run.bound <= run.best + room(run.best),
        || format!("bound above the best design: {}", here()),
    )?;
    demand(
        !run.exhausted
            || model.objective.is_none()
            || run.best.is_infinite()
            || run.best - run.bound <= 1.01 * GAP * run.best.abs().max(1.0),
        || format!("ended too early: {}", here()),
    )
}

/// The threshold never moves, nor does the best design: a bound below a threshold above the optimum is below the optimum.
fn no_threshold_misleads(seed: u64) -> Result<(), String> {
    let mut random = Random(seed);
    let kind = [Kind::Mixed, Kind::Plain][random.below(2)];
    let model = model(&mut random, kind);
    let (least, x) = search(&model, &mut random, 12);
    let Some(mut tree) = tree(&model, 1) else {
        return Ok(());
    };
    if least.is_infinite() || model.objective.is_none() {
        return Ok(());
    }
    let slack = 10.0_f64.powf(-5.0 * random.unit()) * least.abs().max(1.0);
    let threshold = least + slack;
    let stop = AtomicBool::new(false);
    while tree.nodes() < MOST_NODES && !tree.exhausted() {
        tree.advance(
            threshold,
            f64::NEG_INFINITY,
            Duration::from_millis(2),
            &stop,
        );
        tree.offer(&x);
        demand(tree.bound() <= least + room(least), || {
            format!(
                "{} below {threshold}, but a sample has {least} at {x:?}",
                tree.bound()
            )
        })?;
    }
    Ok(())
}

/// With a threshold below the optimum, the tree can only end by proving that threshold.
fn a_threshold_is_proved(seed: u64) -> Result<(), String> {
    let mut random = Random(seed);
    let model: Model = model(&mut random, Kind::Plain);
    let (least, _) = search(&model, &mut random, 12);
    let Some(found) = run(&model, 1, GAP, MOST_NODES) else {
        return Ok(());
    };
    if least.is_infinite() || !found.exhausted {
        return Ok(());
    }
    let threshold = found.bound - GAP * (1.0 + found.bound.abs());
    let Some(mut tree) = tree(&model, 1) else {
        return Ok(());
    };
    let stop = AtomicBool::new(false);
    while tree.nodes() < 2 * MOST_NODES && !tree.exhausted() {
        tree.advance(threshold, f64::INFINITY, Duration::from_millis(2), &stop);
    }
    demand(
        !tree.exhausted() || tree.bound() >= threshold - room(threshold),
        || {
            format!(
                "{} after {} nodes, not {threshold}; {found:?}",
                tree.bound(),
                tree.nodes()
            )
        },
    )
}

/// Where numbers are so large that multipliers overflow, little is proved, and nothing that is wrong.
fn large_numbers_mislead_nobody(seed: u64) -> Result<(), String> {
    let mut random = Random(seed);
    let scale = [1e4, 1e20, 1e60][random.below(3)];
    let model = scaled_model(&mut random, Kind::Mixed, scale);
    let (least, x) = search(&model, &mut random, 12);
    let Some(mut tree) = tree(&model, 1) else {
        return Ok(());
    };
    let stop = AtomicBool::new(false);
    while tree.nodes() < MOST_NODES && !tree.exhausted() {
        let slice = Duration::from_millis(2);
        tree.advance(f64::INFINITY, f64::NEG_INFINITY, slice, &stop);
        let size = if least.is_finite() { least.abs() } else { 0.0 };
        demand(tree.bound() <= least + 1e-6 * size.max(scale), || {
            format!("{}, but a sample has {least} at {x:?}", tree.bound())
        })?;
    }
    Ok(())
}

#[test]
fn large_numbers() {
    for_all(0..200, large_numbers_mislead_nobody);
}

#[test]
fn mixed_inputs() {
    for_all(0..200, |seed| no_sample_beats_the_bound(seed, Kind::Mixed));
}

#[test]
fn continuous_inputs() {
    for_all(0..200, |seed| no_sample_beats_the_bound(seed, Kind::Plain));
}

#[test]
fn thresholds_above_the_optimum() {
    for_all(0..200, no_threshold_misleads);
}

#[test]
fn thresholds_below_the_optimum() {
    for_all(0..100, a_threshold_is_proved);
}
