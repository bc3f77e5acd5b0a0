//! The boxes of running trees against a million designs: none that is below the threshold is lost, and the reduced network
//! of a box that holds it agrees with the graph there.
#![allow(clippy::unwrap_used)]

#[path = "random/models.rs"]
mod models;
mod random;
#[path = "random/trees.rs"]
mod trees;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use models::{Kind, model};
use random::{Random, samples};
use trees::{demand, for_all, search, tree};

const DESIGNS: usize = 1000;

const MOST_NODES: u64 = 400;

const LITTLE_MEMORY: usize = 200_000;

/// Every so many nodes, all designs are looked for.
const LOOKS: usize = 6;

static LOOKED_FOR: AtomicUsize = AtomicUsize::new(0);

fn no_box_is_lost(seed: u64) -> Result<(), String> {
    let mut random = Random(seed);
    let model = model(&mut random, Kind::Plain);
    let inputs = model.input_size();
    let (least, at) = search(&model, &mut random, 6);
    let Some(mut tree) = tree(&model, 1) else {
        return Ok(());
    };
    if least.is_infinite() {
        return Ok(());
    }
    if seed.is_multiple_of(2) {
        // So little that networks are packed, and later boxes are treated depth first.
        tree.limit_memory(LITTLE_MEMORY);
    }
    // Half of the designs anywhere, half around the best one, whose values make many of them interesting.
    let mut designs = samples(&mut random, &model.lower, &model.upper, DESIGNS / 2);
    for _ in 0..DESIGNS / 2 {
        let size = 10.0_f64.powf(-4.0 * random.unit());
        for (i, at) in at.iter().enumerate() {
            let (l, u) = (model.lower[i], model.upper[i]);
            designs.push((at + size * (u - l) * random.signed()).clamp(l, u));
        }
    }
    let values = model.objective_at(&designs, DESIGNS);
    let violations = model.violation_at(&designs, DESIGNS);
    let mut sorted = values.clone();
    sorted.sort_by(f64::total_cmp);
    let share = sorted[DESIGNS / (2 + random.below(50))];
    let threshold = share.max(least + 1e-6);
    let stop = AtomicBool::new(false);
    for look in 1..=LOOKS {
        let until = MOST_NODES * look as u64 / LOOKS as u64;
        while tree.nodes() < until && !tree.exhausted() {
            tree.advance(
                threshold,
                f64::NEG_INFINITY,
                Duration::from_micros(1),
                &stop,
            );
        }
        for (place, x) in designs.chunks(inputs).enumerate() {
            let value = values[place];
            if violations[place] > 0.0 || value >= threshold {
                continue;
            }
            LOOKED_FOR.fetch_add(1, Ordering::Relaxed);
            let Some(promised) = tree.promise(x) else {
                return Ok(());
            };
            // Both sides of a kink promise a value next to it.
            let room = 1e-9 * value.abs().max(1.0);
            let settled = promised == tree.bound();
            demand(
                promised <= value + room && (settled || promised >= value - 1e3 * room),
                || {
                    format!(
                        "{promised} instead of {value} below {threshold} at {x:?}, {} nodes",
                        tree.nodes()
                    )
                },
            )?;
        }
    }
    Ok(())
}

#[test]
fn no_design_below_the_threshold_is_lost() {
    for_all(0..400, no_box_is_lost);
    let looked_for = LOOKED_FOR.load(Ordering::Relaxed);
    assert!(
        looked_for > 100_000,
        "only {looked_for} designs were below the threshold"
    );
}
