//! Local search over the discrete inputs of a design, and kicks out of where it ends.
//!
//! H. R. Lourenço, O. C. Martin and T. Stützle, *Iterated local search* (2003).

use std::sync::atomic::AtomicBool;

use super::landscape::Landscape;
use super::random::Random;
use super::{Design, compare, stopped};
use crate::model::Domain;

/// Steps of an input, in units or in places of its catalogue.
const STEPS: [i64; 10] = [1, -1, 2, -2, 3, -3, 5, -5, 8, -8];

/// The most moves taken.
const MOST_MOVES: usize = 200;

/// The most neighbours looked at in one move; where there are more, larger steps are left out, then all.
const MOST_NEIGHBOURS: usize = 20_000;

/// A kick is so many random unit moves: at least, and fewer than.
const KICK: (usize, usize) = (3, 9);

/// Steps of a few inputs at once.
type Change = Vec<(usize, i64)>;

/// The moves of a model's discrete inputs.
pub(super) struct Moves<'l> {
    landscape: &'l Landscape<'l>,
    /// Single steps, and transfers between two inputs of a row, of every size.
    plain: Vec<Change>,
    /// Two of the units at once.
    double: Vec<Change>,
    /// Transfers by one, and steps by one of the inputs that no transfer changes.
    units: Vec<Change>,
}

impl<'l> Moves<'l> {
    pub fn new(landscape: &'l Landscape<'l>) -> Self {
        let domains = &landscape.model.domains;
        let is_discrete = |input: &usize| domains[*input] != Domain::Continuous;
        let pairs = pairs_in_rows(landscape);
        let mut plain: Vec<Change> = Vec::new();
        let mut units: Vec<Change> = Vec::new();
        for input in (0..domains.len()).filter(is_discrete) {
            plain.extend(STEPS.iter().map(|&step| vec![(input, step)]));
            if !pairs.iter().any(|&(i, j)| i == input || j == input) {
                units.extend([vec![(input, 1)], vec![(input, -1)]]);
            }
        }
        let sizes = (MOST_NEIGHBOURS / pairs.len().max(1)).min(STEPS.len() / 2);
        for &(i, j) in &pairs {
            let sizes = STEPS
                .iter()
                .copied()
                .filter(|&step| step > 0)
                .take(sizes.max(1));
            plain.extend(sizes.map(|step| vec![(i, step), (j, -step)]));
            units.push(vec![(i, 1), (j, -1)]);
        }
        let mut double = Vec::new();
        if units.len() * units.len() / 2 <= MOST_NEIGHBOURS {
            for (first, a) in units.iter().enumerate() {
                // A unit twice is a step by two, and there and back no step at all.
                for b in &units[first + 1..] {
                    if a.iter().any(|a| b.iter().all(|b| a != b)) {
                        double.push([a.as_slice(), b.as_slice()].concat());
                    }
                }
            }
        }
        Moves {
            landscape,
            plain,
            double,
            units,
        }
    }

    /// Takes the best of all moves as long as one improves the design; two units at once only where one move does not.
    pub fn improve(&self, mut design: Design, stop: &AtomicBool) -> Design {
        for _ in 0..MOST_MOVES {
            let better = [&self.plain, &self.double]
                .into_iter()
                .find_map(|changes| self.best(&design, changes, stop));
            match better {
                Some(better) => design = better,
                None => break,
            }
        }
        design
    }

    /// Kicks a design and improves it, so many times; what is not better is dropped.
    pub fn iterate(
        &self,
        mut design: Design,
        kicks: usize,
        random: &mut Random,
        stop: &AtomicBool,
    ) -> Design {
        for _ in 0..kicks {
            if stopped(stop) || self.units.is_empty() {
                break;
            }
            let mut x = design.x.clone();
            for _ in 0..KICK.0 + random.below(KICK.1 - KICK.0) {
                let unit = &self.units[random.below(self.units.len())];
                if let Some(moved) = self.moved(&x, unit) {
                    x = moved;
                }
            }
            let improved = self.improve(self.judged(x), stop);
            if is_better(&improved, &design) {
                design = improved;
            }
        }
        design
    }

    fn judged(&self, x: Vec<f64>) -> Design {
        let model = self.landscape.model;
        Design {
            objective: model.objective_at(&x, 1)[0],
            violation: model.violation_at(&x, 1)[0],
            x,
        }
    }

    /// The best design that one change leads to, if it is better.
    fn best(&self, design: &Design, changes: &[Change], stop: &AtomicBool) -> Option<Design> {
        if stopped(stop) {
            return None;
        }
        let model = self.landscape.model;
        let inputs = design.x.len();
        let neighbours: Vec<f64> = changes
            .iter()
            .filter_map(|change| self.moved(&design.x, change))
            .flatten()
            .collect();
        let count = neighbours.len() / inputs.max(1);
        let objectives = model.objective_at(&neighbours, count);
        let violations = model.violation_at(&neighbours, count);
        let merit = |row: usize| (objectives[row], violations[row]);
        let row = (0..count).min_by(|&a, &b| compare(merit(a), merit(b)))?;
        let best = Design {
            x: neighbours[row * inputs..][..inputs].to_vec(),
            objective: objectives[row],
            violation: violations[row],
        };
        is_better(&best, design).then_some(best)
    }

    /// The design after a change; none if that leaves a domain.
    fn moved(&self, x: &[f64], change: &[(usize, i64)]) -> Option<Vec<f64>> {
        let mut x = x.to_vec();
        for &(input, step) in change {
            x[input] = stepped(self.landscape, &x, input, step)?;
        }
        Some(x)
    }
}

fn is_better(a: &Design, b: &Design) -> bool {
    compare((a.objective, a.violation), (b.objective, b.violation)).is_lt()
}

/// Pairs of integers that share a linear row in which both count alike: a transfer keeps the sum.
fn pairs_in_rows(landscape: &Landscape<'_>) -> Vec<(usize, usize)> {
    let is_integer = |input: usize| landscape.model.domains[input] == Domain::Integer;
    let mut pairs = std::collections::BTreeSet::new();
    for row in &landscape.rows {
        for &(i, a) in &row.entries {
            for &(j, b) in &row.entries {
                if i != j && a == b && is_integer(i) && is_integer(j) {
                    pairs.insert((i, j));
                }
            }
        }
    }
    if pairs.len() > MOST_NEIGHBOURS {
        return Vec::new();
    }
    pairs.into_iter().collect()
}

/// The value of a discrete input so many places further on, if it has one.
fn stepped(landscape: &Landscape<'_>, x: &[f64], input: usize, step: i64) -> Option<f64> {
    let model = landscape.model;
    match &model.domains[input] {
        Domain::Continuous => None,
        Domain::Integer => {
            let value = x[input] + step as f64;
            (model.lower[input] <= value && value <= model.upper[input]).then_some(value)
        }
        Domain::Catalogue(values) => {
            let place = values.partition_point(|&value| value < x[input]) as i64;
            usize::try_from(place + step)
                .ok()
                .and_then(|place| values.get(place))
                .copied()
        }
    }
}
