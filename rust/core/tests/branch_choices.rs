//! Selections over several targets of one network, against enumeration of what may be used.
#![allow(clippy::unwrap_used)]

mod random;
#[path = "random/trees.rs"]
mod trees;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use preimage_core::branch::Tree;
use preimage_core::graph::{Graph, Matrix};
use preimage_core::model::{Domain, Formula, Model, Selection};

use random::Random;
use trees::{HOLDS, demand, designs, for_all, least, run};

const MOST_NODES: u64 = 20_000;
const GAP: f64 = 1e-6;

/// Which inputs of which target are which: target after target, or input after input.
struct Layout {
    targets: usize,
    inputs: usize,
    by_target: bool,
}

impl Layout {
    fn input(&self, target: usize, input: usize) -> usize {
        if self.by_target {
            target * self.inputs + input
        } else {
            input * self.targets + target
        }
    }

    fn count(&self) -> usize {
        self.targets * self.inputs
    }

    fn random(random: &mut Random) -> Self {
        let targets = 1 + random.below(3);
        Layout {
            targets,
            inputs: 2 + random.below(if targets == 3 { 1 } else { 3 }),
            by_target: random.below(2) == 0,
        }
    }

    /// The same groups for all targets, others for each, or both; they may ask for more than others allow.
    fn selections(&self, random: &mut Random) -> Vec<Selection> {
        let mut selections = Vec::new();
        let kind = random.below(4);
        if kind != 1 {
            let group = |i| (0..self.targets).map(|t| self.input(t, i)).collect();
            selections.push((0..self.inputs).map(group).collect());
        }
        if kind == 1 || kind == 2 {
            for t in 0..self.targets {
                let alone = |i| vec![self.input(t, i)];
                selections.push((0..self.inputs).map(alone).collect());
            }
        }
        if kind == 3 {
            let pair = |i| vec![i, i + 1];
            selections.push((0..self.count() - 1).map(pair).collect());
        }
        let counted = selections.into_iter().map(|groups: Vec<Vec<usize>>| {
            let at_most = random.below(groups.len() + 1).min(3);
            Selection {
                groups,
                at_least: 0,
                at_most,
            }
        });
        counted.collect()
    }
}

/// The same network for every target, each with wanted outputs of its own; now and then something tells them apart.
fn model(random: &mut Random, layout: &Layout, discrete: bool) -> Model {
    let (count, hidden, outputs) = (layout.count(), 3 + random.below(4), 1 + random.below(3));
    let numbers =
        |random: &mut Random, n: usize| -> Vec<f64> { (0..n).map(|_| random.signed()).collect() };
    let (first, bias) = (
        numbers(random, hidden * layout.inputs),
        numbers(random, hidden),
    );
    let last = Arc::new(
        Matrix::dense(
            outputs,
            hidden,
            (0..outputs * hidden).map(|_| random.signed()).collect(),
        )
        .unwrap(),
    );
    let mut graph = Graph::new(count);
    let (mut terms, mut requirements) = (Vec::new(), Vec::new());
    for t in 0..layout.targets {
        let mut weights = vec![0.0; hidden * count];
        for r in 0..hidden {
            for i in 0..layout.inputs {
                weights[r * count + layout.input(t, i)] = first[r * layout.inputs + i];
            }
        }
        let matrix = Arc::new(Matrix::dense(hidden, count, weights).unwrap());
        let own_bias = if random.below(6) == 0 {
            numbers(random, hidden)
        } else {
            bias.clone()
        };
        let z = graph.affine(vec![(0, matrix)], own_bias).unwrap();
        let h = graph.relu(z).unwrap();
        let wanted = numbers(random, outputs);
        let error = graph.affine(vec![(h, last.clone())], wanted).unwrap();
        let sizes = graph.absolute(error).unwrap();
        let ones = Arc::new(Matrix::dense(1, outputs, vec![1.0; outputs]).unwrap());
        terms.push((sizes, ones));
        if random.below(5) == 0 {
            let (lower, upper) = (vec![-1.0; outputs], vec![0.5; outputs]);
            let node = error;
            requirements.push((t as u32, Formula::Within { node, lower, upper }));
        }
    }
    let objective = graph.affine(terms, vec![0.0]).unwrap();
    let zero_inside = random.below(2) == 0;
    let (mut lower, mut upper) = (Vec::new(), Vec::new());
    for _ in 0..count {
        lower.push(if zero_inside { -1.0 } else { 0.0 });
        upper.push(if discrete || random.below(8) > 0 {
            1.0
        } else {
            0.5
        });
    }
    let domain = if discrete {
        Domain::Integer
    } else {
        Domain::Continuous
    };
    let selections = layout.selections(random);
    Model::new(
        Arc::new(graph),
        lower,
        upper,
        vec![domain; count],
        selections,
        requirements,
        Some(objective),
    )
    .unwrap()
}

/// The least value over all sets of inputs that the selections allow to be used, each set by a tree of its own.
fn by_enumeration(model: &Model) -> Option<f64> {
    let count = model.input_size();
    let allowed = |used: &usize| {
        model.selections.iter().all(|selection| {
            let is_used = |group: &&Vec<usize>| group.iter().any(|&i| used >> i & 1 == 1);
            selection.groups.iter().filter(is_used).count() <= selection.at_most
        })
    };
    let all: Vec<usize> = (0..1_usize << count).filter(allowed).collect();
    let is_part = |set: usize| all.iter().any(|&other| other != set && set & other == set);
    let mut least = f64::INFINITY;
    for &used in all.iter().filter(|&&set| !is_part(set)) {
        let mut given = model.clone();
        given.selections.clear();
        for i in (0..count).filter(|i| used >> i & 1 == 0) {
            (given.lower[i], given.upper[i]) = (0.0, 0.0);
        }
        let run = run(&given, 1, GAP, MOST_NODES)?;
        if !run.exhausted {
            return None;
        }
        least = least.min(run.best);
    }
    Some(least)
}

/// Runs a tree and compares its bound with the truth at every step.
fn check(model: &Model, threads: usize, truth: f64) -> Result<(), String> {
    let mut tree = Tree::new(model, threads).unwrap();
    let (stop, mut best) = (AtomicBool::new(false), f64::INFINITY);
    let room = 2.0
        * GAP
        * if truth.is_finite() {
            truth.max(1.0)
        } else {
            1.0
        };
    while tree.nodes() < MOST_NODES && !tree.exhausted() {
        let threshold = best - GAP * best.abs().max(1.0);
        tree.advance(threshold, best, Duration::from_micros(50), &stop);
        for x in tree.take_candidates() {
            if model.violation_at(&x, 1)[0] <= HOLDS {
                best = best.min(model.objective_at(&x, 1)[0]);
            }
        }
        demand(tree.bound() <= truth + room, || {
            format!("bound {} of {truth}, best {best}", tree.bound())
        })?;
    }
    let exactly = model.selections.iter().any(|s| s.at_least > 0);
    demand(best >= truth - room, || {
        format!("{best} is better than {truth}")
    })?;
    demand(exactly || tree.exhausted(), || "not finished".into())?;
    demand(exactly || best <= truth + room, || {
        format!("{truth} was missed: {best}")
    })
}

#[test]
fn whole_numbers_of_several_targets() {
    for_all(0..150, |seed| {
        let mut random = Random(seed);
        let layout = Layout::random(&mut random);
        let model = model(&mut random, &layout, true);
        let (truth, _) = least(&model, &designs(&model));
        check(&model, 1 + random.below(2), truth)
    });
}

#[test]
fn continuous_inputs_of_several_targets() {
    for_all(0..60, |seed| {
        let mut random = Random(seed);
        let layout = Layout::random(&mut random);
        let mut model = model(&mut random, &layout, false);
        let Some(truth) = by_enumeration(&model) else {
            return Ok(());
        };
        if random.below(3) == 0 {
            // Next to zero is as good as zero: the least value is the same.
            let all = model.selections.iter_mut();
            all.for_each(|selection| selection.at_least = selection.at_most);
        }
        check(&model, 1 + random.below(2), truth)
    });
}
