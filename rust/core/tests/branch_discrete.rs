//! The tree over input boxes against enumeration: where all inputs are discrete, it ends with the exact optimum.
#![allow(clippy::unwrap_used)]

#[path = "random/models.rs"]
mod models;
mod random;
#[path = "random/trees.rs"]
mod trees;

use models::{Kind, model};
use random::Random;
use trees::{demand, designs, for_all, least, run};

const MOST_NODES: u64 = 10_000;

fn check(seed: u64, kind: Kind) -> Result<(), String> {
    let mut random = Random(seed);
    let model = model(&mut random, kind);
    let (truth, x) = least(&model, &designs(&model));
    let Some(run) = run(&model, 1 + random.below(2), 1e-9, MOST_NODES) else {
        return Ok(());
    };
    let here = || format!("{run:?}, but {truth} at {x:?}");
    let room = 1e-8
        * if truth.is_finite() {
            truth.abs().max(1.0)
        } else {
            1.0
        };
    demand(run.bound <= truth + room, || {
        format!("bound too high: {}", here())
    })?;
    demand(run.best >= truth - room, || format!("too good: {}", here()))?;
    if kind == Kind::Binary && !run.exhausted {
        // Hardly any design holds, and most of the nodes went to the kinks.
        return Ok(());
    }
    demand(run.exhausted, || format!("not finished: {}", here()))?;
    if truth.is_infinite() {
        return demand(run.bound == f64::INFINITY, || {
            format!("not excluded: {}", here())
        });
    }
    demand(run.best <= truth + room, || format!("missed: {}", here()))?;
    demand(
        model.objective.is_none() || run.bound >= truth - 2.0 * room,
        || format!("bound too low: {}", here()),
    )
}

#[test]
fn whole_numbers_and_catalogues() {
    for_all(0..400, |seed| check(seed, Kind::Discrete));
}

#[test]
fn many_binaries() {
    for_all(0..200, |seed| check(seed, Kind::Binary));
}
