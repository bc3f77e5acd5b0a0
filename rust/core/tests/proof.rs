//! Proofs: one that was found is accepted, a false claim has none, and whatever is changed in one is noticed.
#![allow(clippy::unwrap_used)]
#![allow(dead_code, reason = "of what is random, only numbers are drawn here")]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use preimage_core::branch::Tree;
use preimage_core::branch::proof::{Failure, Proof};
use preimage_core::graph::{Graph, Matrix};
use preimage_core::model::{Domain, Formula, Model, Selection};
use proptest::prelude::*;

mod random;
use random::Random;

/// Share of its size, and at least itself, by which a claim lies below the best design.
const GAP: f64 = 1e-2;

/// Designs at a constraint's border may violate it by this much.
const ROUNDING: f64 = 1e-12;

static NEVER: AtomicBool = AtomicBool::new(false);

fn dense(rows: usize, columns: usize, random: &mut Random) -> Arc<Matrix> {
    let data = (0..rows * columns).map(|_| random.signed()).collect();
    Arc::new(Matrix::dense(rows, columns, data).unwrap())
}

fn block(rows: usize, columns: usize, first: usize, random: &mut Random) -> Arc<Matrix> {
    let mut data = vec![0.0; rows * columns];
    for row in data.chunks_mut(columns) {
        row[first..first + 2].fill_with(|| random.signed());
    }
    Arc::new(Matrix::dense(rows, columns, data).unwrap())
}

/// One or two networks of two inputs each, whose distances from random points are added; inputs are continuous,
/// integer or from a catalogue; perhaps some may not be used together, or must not exceed a sum together.
fn model(seed: u64, scale: f64) -> Model {
    let random = &mut Random(seed);
    let parts = 1 + random.below(2);
    let inputs = 2 * parts;
    let mut graph = Graph::new(inputs);
    let mut terms = Vec::new();
    for part in 0..parts {
        let width = 3 + random.below(3);
        let hidden = graph
            .affine(
                vec![(0, block(width, inputs, 2 * part, random))],
                (0..width).map(|_| random.signed()).collect(),
            )
            .unwrap();
        let slopes = (0..width)
            .map(|_| [0.0, 0.0, -1.0][random.below(3)])
            .collect();
        let hidden = graph.kink(hidden, slopes).unwrap();
        let outputs = graph
            .affine(
                vec![(hidden, dense(2, width, random))],
                vec![scale * random.signed(), scale * random.signed()],
            )
            .unwrap();
        let distances = graph.absolute(outputs).unwrap();
        terms.push((
            distances,
            Arc::new(Matrix::dense(1, 2, vec![1.0, 1.0]).unwrap()),
        ));
    }
    let objective = graph.affine(terms, vec![0.0]).unwrap();
    let domain = |random: &mut Random| match random.below(4) {
        0 => Domain::Integer,
        1 => Domain::Catalogue(vec![-2.0, -0.5, 0.0, 1.5, 2.0]),
        _ => Domain::Continuous,
    };
    let domains: Vec<Domain> = (0..inputs).map(|_| domain(random)).collect();
    let mut selections = Vec::new();
    if random.below(3) == 0 {
        selections.push(Selection {
            groups: (0..inputs).map(|i| vec![i]).collect(),
            at_least: 0,
            at_most: 1 + random.below(inputs - 1),
        });
    }
    let mut requirements = Vec::new();
    if random.below(3) == 0 {
        let sum = dense(1, inputs, random);
        let sum = graph.affine(vec![(0, sum)], vec![0.0]).unwrap();
        requirements.push((0, at_most(sum, 0.4)));
    }
    Model::new(
        Arc::new(graph),
        vec![-2.0; inputs],
        vec![2.0; inputs],
        domains,
        selections,
        requirements,
        Some(objective),
    )
    .unwrap()
}

fn at_most(node: usize, limit: f64) -> Formula {
    Formula::Within {
        node,
        lower: vec![f64::NEG_INFINITY],
        upper: vec![limit],
    }
}

/// What a search proves of a model, at a distance from the best value that it met.
fn search(model: &Model) -> Option<(f64, f64)> {
    let (mut tree, mut best) = (Tree::new(model, 1).unwrap(), f64::INFINITY);
    while tree.nodes() < 20_000 {
        let threshold = best - GAP * best.abs().max(1.0);
        tree.advance(threshold, best, Duration::from_millis(5), &NEVER);
        for x in tree.take_candidates() {
            if model.violation_at(&x, 1)[0] <= ROUNDING {
                best = best.min(model.objective_at(&x, 1)[0]);
            }
        }
        if tree.exhausted() {
            let provable = best - GAP * best.abs().max(1.0);
            return best.is_finite().then(|| (tree.bound().min(provable), best));
        }
    }
    None
}

/// A proof, unless it takes very long.
fn prove(model: &Model, bound: f64) -> Option<Proof> {
    let found = Proof::find(model, bound, 1, &alarm(Duration::from_secs(5)));
    match found {
        Err(Failure::Stopped) => None,
        found => Some(found.unwrap()),
    }
}

/// A flag that is set after a while.
fn alarm(after: Duration) -> Arc<AtomicBool> {
    let stop = Arc::new(AtomicBool::new(false));
    let flag = stop.clone();
    std::thread::spawn(move || {
        std::thread::sleep(after);
        flag.store(true, Ordering::Relaxed);
    });
    stop
}

fn refused(proof: &Proof, model: &Model, bound: f64) -> bool {
    matches!(
        proof.check(model, bound, 1, &NEVER),
        Err(Failure::Reason(_))
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn what_was_found_is_accepted(seed in any::<u64>()) {
        let model = model(seed, 1.0);
        let Some((bound, best)) = search(&model) else { return Ok(()) };
        let Some(proof) = prove(&model, bound) else { return Ok(()) };
        prop_assert_eq!(&Proof::find(&model, bound, 2, &NEVER).unwrap(), &proof, "threads change nothing");
        let read = Proof::read(&proof.bytes()).unwrap();
        prop_assert_eq!(&read, &proof);
        prop_assert_eq!(read.check(&model, bound, 2, &NEVER).unwrap(), proof.boxes());
        prop_assert!(read.check(&model, bound - 1.0, 1, &NEVER).is_ok() || !matches!(proof, Proof::Boxes(_)));
        prop_assert!(refused(&proof, &model, best + 1e-3 * best.abs().max(1.0)));
        prop_assert!(refused(&proof, &model, f64::INFINITY));
        prop_assert!(refused(&proof, &model, f64::NAN));
    }

    #[test]
    fn a_false_claim_has_no_proof(seed in any::<u64>()) {
        let model = model(seed, 1.0);
        let Some((_, best)) = search(&model) else { return Ok(()) };
        let stop = alarm(Duration::from_millis(50));
        prop_assert!(Proof::find(&model, best + 1e-3 * best.abs().max(1.0), 1, &stop).is_err());
    }

    #[test]
    fn a_changed_tree_is_noticed(seed in any::<u64>()) {
        let model = model(seed, 1.0);
        let Some((bound, _)) = search(&model) else { return Ok(()) };
        let Some(Proof::Boxes(halvings)) = prove(&model, bound) else { return Ok(()) };
        let with = |change: &dyn Fn(&mut Vec<u32>)| {
            let mut changed = halvings.clone();
            change(&mut changed);
            Proof::Boxes(changed)
        };
        prop_assert!(refused(&with(&|h| { h.pop(); }), &model, bound), "a box is left out");
        prop_assert!(refused(&with(&|h| h.push(0)), &model, bound), "one box too many");
        prop_assert!(refused(&with(&|h| h[0] = 10_000), &model, bound), "no such input or kink");
        for k in (0..halvings.len()).filter(|k| halvings[*k] > 0) {
            prop_assert!(refused(&with(&|h| h[k] = 0), &model, bound), "box {} is not halved", k);
        }
    }

    #[test]
    fn changed_parts_are_noticed(seed in any::<u64>()) {
        let model = model(seed, 1.0);
        let Some((bound, _)) = search(&model) else { return Ok(()) };
        let Some(proof) = prove(&model, bound) else { return Ok(()) };
        match proof {
            Proof::Boxes(halvings) => {
                prop_assert!(refused(&Proof::Choices(vec![Proof::Boxes(halvings.clone())]), &model, bound));
                prop_assert!(refused(&Proof::Sum(vec![Some((bound, Proof::Boxes(halvings)))]), &model, bound));
            }
            Proof::Choices(mut choices) => {
                choices.pop();
                prop_assert!(refused(&Proof::Choices(choices), &model, bound));
            }
            Proof::Sum(terms) => {
                for k in 0..terms.len() {
                    let mut lower = terms.clone();
                    lower[k].as_mut().unwrap().0 -= 1e-2;
                    prop_assert!(refused(&Proof::Sum(lower), &model, bound), "they no longer add up");
                    let mut higher = terms.clone();
                    higher[k].as_mut().unwrap().0 += 10.0;
                    prop_assert!(refused(&Proof::Sum(higher), &model, bound), "the part is not proved");
                    let mut less = terms.clone();
                    less[k] = None;
                    prop_assert!(refused(&Proof::Sum(less), &model, bound), "nothing is said of the part");
                }
            }
        }
    }

    #[test]
    fn bytes_are_never_trusted(seed in any::<u64>(), place in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let model = model(seed, 1.0);
        let Some((bound, best)) = search(&model) else { return Ok(()) };
        let Some(bytes) = prove(&model, bound).map(|proof| proof.bytes()) else { return Ok(()) };
        let place = place.index(bytes.len());
        prop_assert!(Proof::read(&bytes[..place]).is_err());
        let mut changed = bytes;
        changed[place] ^= byte;
        if let Ok(proof) = Proof::read(&changed) {
            // Whatever is accepted was proved.
            prop_assert!(refused(&proof, &model, best + 1e-3 * best.abs().max(1.0)));
        }
    }

    #[test]
    fn nonsense_is_no_proof(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(proof) = Proof::read(&bytes) {
            prop_assert!(proof.bytes().len() <= bytes.len() + 8);
        }
    }
}

#[test]
fn what_is_searched_is_proved() {
    for seed in 0..60 {
        let model = model(seed, 1.0);
        if let Some((bound, _)) = search(&model) {
            assert!(prove(&model, bound).is_some(), "seed {seed}");
        }
    }
}

/// Only the catalogue keeps this one from being proved by its relaxation: no slack of a neuron tells so.
#[test]
fn separate_values_are_halved_in_time() {
    let model = model(9150302930840234844, 1.0);
    assert!(prove(&model, 1.5).unwrap().boxes() < 1000);
}

#[test]
fn other_weights_are_noticed() {
    let mut noticed = 0;
    for seed in 0..40 {
        let (claimed, other) = (model(seed, 1.0), model(seed, 0.1));
        let (Some((bound, _)), Some((_, best))) = (search(&claimed), search(&other)) else {
            continue;
        };
        if best < bound {
            let proof = Proof::find(&claimed, bound, 1, &NEVER).unwrap();
            assert!(refused(&proof, &other, bound));
            noticed += 1;
        }
    }
    assert!(noticed > 5);
}

#[test]
fn that_no_design_holds_is_proved() {
    for seed in 0..40 {
        let feasible = model(seed, 1.0);
        let mut empty = feasible.clone();
        let objective = feasible.objective.unwrap();
        empty.requirements.push((1, at_most(objective, -0.1)));
        let proof = Proof::find(&empty, f64::INFINITY, 1, &NEVER).unwrap();
        assert_eq!(
            proof.check(&empty, f64::INFINITY, 1, &NEVER),
            Ok(proof.boxes())
        );
        assert!(refused(&proof, &feasible, f64::INFINITY));
    }
}

#[test]
fn it_stops_when_told() {
    let stop = AtomicBool::new(true);
    let model = model(1, 1.0);
    assert_eq!(Proof::find(&model, 0.0, 1, &stop), Err(Failure::Stopped));
}
