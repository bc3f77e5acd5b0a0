//! The neural-adjoint search for good designs: many starts of Adam through the graph of a model.
//!
//! Ren, Padilla and Malof, *Benchmarking deep inverse models over time, and the neural-adjoint method* (2020): gradient
//! descent on the inputs of a frozen network with a loss for leaving the box. Here every start descends on
//! `objective + requirements + boundary` in coordinates scaled to the box; inputs of a discrete domain are
//! relaxed at first, then rounded and improved by iterated local search; selections keep their strongest groups. Nothing is proved
//! about the designs found: they are incumbents for those who prove.

mod adam;
mod landscape;
mod local_search;
mod random;
pub mod region;
mod rounding;
mod rows;
mod selection;

use std::cmp::Ordering;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering as Memory};

use rayon::prelude::*;

use crate::model::{Domain, Model};
use adam::Starts;
use landscape::Landscape;
use local_search::Moves;
use random::Random;

/// The most starts that descend as one batch.
const BATCH: usize = 64;

/// The most designs that go through local search after the descent.
const IMPROVED: usize = 64;

/// The most random designs that go through local search without a descent.
const SCATTERED: usize = 32;

/// So many of the best ends of the local search are kicked on.
const CHAINS: usize = 4;

/// Every chain takes one kick for so many starts: none where few starts are asked for, and an answer soon.
const STARTS_PER_KICK: usize = 16;

/// A violation that counts as none.
const FEASIBLE: f64 = 1e-8;

/// Two designs are the same when no input differs by more than this share of its range.
const SAME_DESIGN: f64 = 1e-6;

/// How to descend.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The number of random starts, besides the initial designs given.
    pub starts: usize,
    /// The number of steps of every start, all phases together.
    pub steps: usize,
    /// The first step length of Adam, as a share of the range of every input.
    pub learning_rate: f64,
    /// The seed of the random starts.
    pub seed: u64,
    /// The number of threads.
    pub threads: usize,
    /// The most designs to return.
    pub keep: usize,
}

/// A design with its merits.
#[derive(Clone, Debug, PartialEq)]
pub struct Design {
    /// The inputs; inside the box, the domains and the selections.
    pub x: Vec<f64>,
    /// The objective.
    pub objective: f64,
    /// The worst violation of anything.
    pub violation: f64,
}

/// Why a descent was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DescentError(pub String);

impl fmt::Display for DescentError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for DescentError {}

/// Orders designs: what holds before what does not, then by objective or by violation.
fn compare(a: (f64, f64), b: (f64, f64)) -> Ordering {
    let key = |(objective, violation): (f64, f64)| {
        if violation <= FEASIBLE {
            (0.0, objective)
        } else {
            (violation, objective)
        }
    };
    let (a, b) = (key(a), key(b));
    a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1))
}

/// Descends from random starts and from the designs of `initial` (one after the other), and returns the
/// best distinct designs, best first. The same settings give the same designs; a raised `stop` ends the descent early
/// with what was found so far.
///
/// # Errors
/// When a setting makes no sense, `initial` does not hold whole designs, or threads cannot be started.
pub fn descend(
    model: &Model,
    settings: &Settings,
    initial: &[f64],
    stop: &AtomicBool,
) -> Result<Vec<Design>, DescentError> {
    let inputs = model.input_size();
    check(settings, initial, inputs)?;
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(settings.threads)
        .build()
        .map_err(|error| DescentError(format!("no threads to descend with: {error}")))?;
    let landscape = Landscape::new(model);
    let given = initial.len().checked_div(inputs).unwrap_or(0);
    let count = given + settings.starts;
    let batch = count.div_ceil(settings.threads).clamp(1, BATCH);
    let firsts: Vec<usize> = (0..count).step_by(batch).collect();
    let found = pool.install(|| {
        let descended: Vec<Vec<f64>> = firsts
            .par_iter()
            .map(|&first| {
                let mut starts = begin(
                    &landscape,
                    settings,
                    initial,
                    first,
                    batch.min(count - first),
                );
                phases(&landscape, settings, &mut starts, stop);
                starts.into_designs()
            })
            .collect();
        let descended = descended.concat();
        let discrete = model
            .domains
            .iter()
            .any(|domain| *domain != Domain::Continuous);
        if !discrete {
            return best_distinct(model, descended, settings.keep);
        }
        let mut designs = best_distinct(model, descended, settings.keep.max(IMPROVED));
        if !model.domains.contains(&Domain::Continuous) {
            designs.extend(scattered(&landscape, settings, stop));
        }
        // What was given is improved as it is, too.
        designs.extend(best_distinct(model, initial.to_vec(), settings.keep));
        let moves = Moves::new(&landscape);
        let improved: Vec<Design> = designs
            .into_par_iter()
            .map(|design| moves.improve(design, stop))
            .collect();
        let ends = best_distinct(model, together(&improved), settings.keep.max(CHAINS));
        let kicks = settings.starts / STARTS_PER_KICK;
        let kicked: Vec<Design> = ends
            .par_iter()
            .take(CHAINS)
            .enumerate()
            .map(|(chain, end)| {
                let mut random = Random::of_start(settings.seed, usize::MAX - chain);
                moves.iterate(end.clone(), kicks, &mut random, stop)
            })
            .collect();
        best_distinct(
            model,
            [together(&kicked), together(&ends)].concat(),
            settings.keep,
        )
    });
    Ok(found)
}

fn check(settings: &Settings, initial: &[f64], inputs: usize) -> Result<(), DescentError> {
    let refuse = |reason: String| Err(DescentError(reason));
    if !(settings.learning_rate.is_finite() && settings.learning_rate > 0.0) {
        return refuse(format!(
            "the learning rate must be positive, not {}",
            settings.learning_rate
        ));
    }
    if settings.threads == 0 {
        return refuse("at least one thread is needed".to_owned());
    }
    if (inputs == 0 && !initial.is_empty()) || (inputs > 0 && !initial.len().is_multiple_of(inputs))
    {
        return refuse(format!(
            "{} initial values are not designs of {inputs} inputs",
            initial.len()
        ));
    }
    if initial.iter().any(|value| value.is_nan()) {
        return refuse("an initial design holds a value that is not a number".to_owned());
    }
    Ok(())
}

/// The starts from number `first` on: the designs given, then random ones. Every start has its own random numbers, so
/// batches do not matter.
fn begin<'l>(
    landscape: &'l Landscape<'l>,
    settings: &Settings,
    initial: &[f64],
    first: usize,
    count: usize,
) -> Starts<'l> {
    let inputs = landscape.model.input_size();
    let mut starts = Starts::new(landscape, count);
    for (row, start) in (first..first + count).enumerate() {
        let mut random = Random::of_start(settings.seed, start);
        match initial.get(start * inputs..(start + 1) * inputs) {
            Some(x) if inputs > 0 => starts.place(row, x),
            _ => {
                starts.place_randomly(row, &mut random);
                // Every other start commits to random groups at once: the strongest of a design that uses all of
                // them are rarely the best few.
                if start % 2 == 1 {
                    selection::choose_randomly(&mut starts, row, &mut random);
                }
            }
        }
    }
    starts
}

/// Relaxed descent, then with the groups chosen, then with the discrete inputs rounded, then back into the requirements.
fn phases(
    landscape: &Landscape<'_>,
    settings: &Settings,
    starts: &mut Starts<'_>,
    stop: &AtomicBool,
) {
    let model = landscape.model;
    let select = !model.selections.is_empty();
    let discrete = model
        .domains
        .iter()
        .any(|domain| *domain != Domain::Continuous);
    let continuous = model.domains.contains(&Domain::Continuous);
    let (relaxed, selected) = match (select, discrete && continuous) {
        (false, false) => (settings.steps, 0),
        (true, false) => (settings.steps / 2, settings.steps - settings.steps / 2),
        (false, true) => (settings.steps / 2, 0),
        (true, true) => (settings.steps / 3, settings.steps / 3),
    };
    starts.descend(relaxed, settings.learning_rate, stop);
    if select {
        (0..starts.count()).for_each(|row| selection::choose_strongest(starts, row));
        starts.descend(selected, settings.learning_rate, stop);
    }
    if discrete {
        starts.round();
        if continuous {
            starts.descend(
                settings.steps - relaxed - selected,
                settings.learning_rate,
                stop,
            );
        }
    }
    starts.repair(stop);
    selection::use_enough(starts);
}

/// Random starts rounded where they stand: relaxed descents often end in one valley, and the best rounded design in another.
fn scattered(landscape: &Landscape<'_>, settings: &Settings, stop: &AtomicBool) -> Vec<Design> {
    let count = settings.starts.min(SCATTERED);
    let mut starts = begin(landscape, settings, &[], 0, count);
    // No step at all only moves the designs into the linear requirements.
    starts.descend(0, settings.learning_rate, stop);
    (0..count).for_each(|row| selection::choose_strongest(&mut starts, row));
    starts.round();
    selection::use_enough(&mut starts);
    best_distinct(landscape.model, starts.into_designs(), count)
}

fn together(designs: &[Design]) -> Vec<f64> {
    designs.iter().flat_map(|design| design.x.clone()).collect()
}

/// The best designs that differ from each other, at most `keep`.
fn best_distinct(model: &Model, x: Vec<f64>, keep: usize) -> Vec<Design> {
    let inputs = model.input_size();
    let count = x.len().checked_div(inputs).unwrap_or(0);
    let objectives = model.objective_at(&x, count);
    let violations = model.violation_at(&x, count);
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by(|&a, &b| {
        compare(
            (objectives[a], violations[a]),
            (objectives[b], violations[b]),
        )
    });
    let mut best: Vec<Design> = Vec::new();
    for row in order {
        if best.len() == keep {
            break;
        }
        let design = &x[row * inputs..][..inputs];
        let same = |other: &Design| {
            (0..inputs).all(|i| {
                (design[i] - other.x[i]).abs() <= SAME_DESIGN * (model.upper[i] - model.lower[i])
            })
        };
        if !best.iter().any(same) {
            best.push(Design {
                x: design.to_vec(),
                objective: objectives[row],
                violation: violations[row],
            });
        }
    }
    best
}

fn stopped(stop: &AtomicBool) -> bool {
    stop.load(Memory::Relaxed)
}
