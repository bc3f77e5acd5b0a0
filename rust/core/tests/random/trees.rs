//! Running trees on random models, and what brute force knows of the models.

#![allow(dead_code)] // every test file uses its part

use std::sync::atomic::AtomicBool;
use std::time::Duration;

use preimage_core::branch::Tree;
use preimage_core::model::{Domain, Model};

use crate::random::Random;

/// A design that violates nothing by more holds.
pub const HOLDS: f64 = 1e-8;

/// How a run ended.
#[derive(Debug)]
pub struct Run {
    /// The proved bound.
    pub bound: f64,
    /// The best value met, of designs that hold.
    pub best: f64,
    /// Whether no node was left.
    pub exhausted: bool,
    /// The nodes treated.
    pub nodes: u64,
}

/// The tree of a model; None if it is left to other engines.
pub fn tree(model: &Model, threads: usize) -> Option<Tree> {
    match Tree::new(model, threads) {
        Ok(tree) => Some(tree),
        Err(reason) => {
            assert!(reason.0.contains("cannot be zero"), "{}", reason.0);
            None
        }
    }
}

/// Runs a tree to its end or through `most` nodes, with the threshold `gap` below the best design.
pub fn run(model: &Model, threads: usize, gap: f64, most: u64) -> Option<Run> {
    let mut tree = tree(model, threads)?;
    let (stop, mut best) = (AtomicBool::new(false), f64::INFINITY);
    while tree.nodes() < most && !tree.exhausted() {
        let threshold = best - gap * best.abs().max(1.0);
        tree.advance(threshold, best, SLICE, &stop);
        for x in tree.take_candidates() {
            let violation = model.violation_at(&x, 1)[0];
            assert!(
                violation <= HOLDS,
                "the tree met {x:?}, which violates by {violation}"
            );
            best = best.min(model.objective_at(&x, 1)[0]);
        }
    }
    Some(Run {
        bound: tree.bound(),
        best,
        exhausted: tree.exhausted(),
        nodes: tree.nodes(),
    })
}

const SLICE: Duration = Duration::from_millis(2);

/// Every design of a discrete model, one after another.
pub fn designs(model: &Model) -> Vec<f64> {
    let mut all: Vec<Vec<f64>> = vec![Vec::new()];
    for (i, domain) in model.domains.iter().enumerate() {
        let values: Vec<f64> = match domain {
            Domain::Catalogue(values) => values.clone(),
            _ => (model.lower[i] as i64..=model.upper[i] as i64)
                .map(|v| v as f64)
                .collect(),
        };
        all = all
            .into_iter()
            .flat_map(|x| values.iter().map(move |v| [&x[..], &[*v]].concat()))
            .collect();
    }
    all.concat()
}

/// The least value of those designs that hold, and where; infinite if none does.
pub fn least(model: &Model, designs: &[f64]) -> (f64, Vec<f64>) {
    let inputs = model.input_size();
    let count = designs.len() / inputs;
    let values = model.objective_at(designs, count);
    let violations = model.violation_at(designs, count);
    let mut best = (f64::INFINITY, Vec::new());
    for (place, x) in designs.chunks(inputs).enumerate() {
        if violations[place] <= HOLDS && values[place] < best.0 {
            best = (values[place], x.to_vec());
        }
    }
    best
}

/// Designs of the box whose domains hold, some inputs zero, many of them next to the best ones so far.
pub fn search(model: &Model, random: &mut Random, rounds: usize) -> (f64, Vec<f64>) {
    let inputs = model.input_size();
    let mut best = (f64::INFINITY, Vec::new());
    for round in 0..rounds {
        let size = 0.5_f64.powi(round as i32);
        let mut designs = Vec::with_capacity(400 * inputs);
        for _ in 0..400 {
            let mut x: Vec<f64> = (0..inputs)
                .map(|i| {
                    let (l, u) = (model.lower[i], model.upper[i]);
                    match best.1.get(i) {
                        Some(at) if random.below(4) > 0 => at + size * (u - l) * random.signed(),
                        Some(at) => *at,
                        None if random.below(3) == 0 => 0.0,
                        None => l + random.unit() * (u - l),
                    }
                })
                .collect();
            mend(model, random, &mut x);
            designs.extend(x);
        }
        let found = least(model, &designs);
        if found.0 < best.0 {
            best = found;
        }
    }
    best
}

/// Moves a point into the domains, and one free input to where a row of an equation holds.
fn mend(model: &Model, random: &mut Random, x: &mut [f64]) {
    let into = |x: &mut [f64]| {
        for (i, value) in x.iter_mut().enumerate() {
            *value = value.clamp(model.lower[i], model.upper[i]);
            match &model.domains[i] {
                Domain::Continuous => {}
                Domain::Integer => *value = value.round(),
                Domain::Catalogue(values) => {
                    let near = |v: &&f64| (**v - *value).abs();
                    let nearest = values.iter().min_by(|a, b| near(a).total_cmp(&near(b)));
                    *value = *nearest.unwrap();
                }
            }
        }
    };
    into(x);
    let free: Vec<usize> = (0..x.len())
        .filter(|&i| model.domains[i] == Domain::Continuous)
        .collect();
    let equation = model
        .requirements
        .iter()
        .find_map(|(_, formula)| match formula {
            preimage_core::model::Formula::Within { node, lower, upper } if lower == upper => {
                Some((*node, lower[0]))
            }
            _ => None,
        });
    if let (Some((node, side)), false) = (equation, free.is_empty()) {
        let i = free[random.below(free.len())];
        let at = |x: &[f64]| model.graph.evaluate_node(x, 1, node)[0];
        let value = at(x);
        x[i] += 1.0;
        let slope = at(x) - value;
        x[i] += (side - value) / slope - 1.0;
        if !x[i].is_finite() {
            x[i] = model.lower[i];
        }
        into(x);
    }
}

/// Checks every seed of a range, and names all that fail. `TREE_SEEDS` (such as `1000..2000`) replaces the range.
pub fn for_all(seeds: std::ops::Range<u64>, check: impl Fn(u64) -> Result<(), String>) {
    let seeds = match std::env::var("TREE_SEEDS") {
        Ok(text) => {
            let (first, end) = text.split_once("..").unwrap();
            first.parse().unwrap()..end.parse().unwrap()
        }
        Err(_) => seeds,
    };
    let failed: Vec<String> = seeds
        .filter_map(|seed| {
            let checked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| check(seed)));
            match checked {
                Ok(Ok(())) => None,
                Ok(Err(reason)) => Some(format!("seed {seed}: {reason}")),
                Err(_) => Some(format!("seed {seed} panicked")),
            }
        })
        .collect();
    assert!(
        failed.is_empty(),
        "{} failed\n{}",
        failed.len(),
        failed.join("\n")
    );
}

/// An error with a reason unless a condition holds.
pub fn demand(holds: bool, reason: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(reason()) }
}
