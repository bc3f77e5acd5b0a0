//! The encoded program against the model it stands for, without a solver: a design satisfies the model exactly if its
//! completion satisfies the program, and both give it the same objective.

#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use preimage_core::bigm::{ColumnKind, Formulation, Program, RowOrigin, encode};
use preimage_core::bounds::{Bounds, crown, interval};
use preimage_core::graph::{Graph, Matrix};
use preimage_core::model::{Domain, Formula, Model, Selection};
use proptest::prelude::*;

mod random;

use random::Random;

const FORMULATIONS: [Formulation; 3] = [Formulation::BigM, Formulation::Plain, Formulation::Sos1];

fn domain(random: &mut Random, lower: f64, upper: f64) -> Domain {
    match random.below(4) {
        0 => Domain::Integer,
        1 => {
            let mut values: Vec<f64> = (0..3)
                .map(|_| lower + random.unit() * (upper - lower))
                .chain([0.0, lower, upper])
                .collect();
            values.sort_by(f64::total_cmp);
            values.dedup();
            Domain::Catalogue(values)
        }
        _ => Domain::Continuous,
    }
}

fn sides(random: &mut Random) -> (f64, f64) {
    let lower = [-3.0, -1.0, 0.0, 0.0, 1.0][random.below(5)];
    (lower, lower + [0.0, 1.0, 1.0, 2.0, 4.0][random.below(5)])
}

fn selection(random: &mut Random, inputs: usize) -> Selection {
    let groups: Vec<Vec<usize>> = (0..1 + random.below(inputs))
        .map(|_| {
            (0..1 + random.below(2))
                .map(|_| random.below(inputs))
                .collect()
        })
        .collect();
    let at_most = random.below(groups.len() + 1);
    Selection {
        at_least: random.below(at_most + 1),
        at_most,
        groups,
    }
}

/// Limits near the values of a known design, so that they bind and yet can be met.
fn formula(random: &mut Random, graph: &Graph, values: &[Vec<f64>], depth: usize) -> Formula {
    match random.below(if depth == 0 { 1 } else { 3 }) {
        0 => {
            let node = random.below(graph.nodes().len());
            let limits = values[node].iter().map(|&value| {
                let around = value + 0.3 * random.signed();
                match random.below(6) {
                    0 => (f64::NEG_INFINITY, around),
                    1 => (around, f64::INFINITY),
                    2 => (value, value),
                    3 => (around - random.unit(), around),
                    _ => (f64::NEG_INFINITY, f64::INFINITY),
                }
            });
            let (lower, upper) = limits.unzip();
            Formula::Within { node, lower, upper }
        }
        kind => {
            let parts = (0..random.below(4))
                .map(|_| formula(random, graph, values, depth - 1))
                .collect();
            if kind == 1 {
                Formula::All(parts)
            } else {
                Formula::Any(parts)
            }
        }
    }
}

/// A model, and designs of its box that keep to the domains (most of them to the selections as well).
fn model(random: &mut Random) -> (Model, Vec<Vec<f64>>) {
    let inputs = 1 + random.below(4);
    let steps = 1 + random.below(6);
    let mut graph = random::graph(random, inputs, steps);
    let last = graph.nodes().len() - 1;
    let weights = (0..graph.size(last)).map(|_| random.signed()).collect();
    let weights = Arc::new(Matrix::dense(1, graph.size(last), weights).unwrap());
    let objective = graph
        .affine(vec![(last, weights)], vec![random.signed()])
        .unwrap();
    let (lower, upper): (Vec<f64>, Vec<f64>) = (0..inputs).map(|_| sides(random)).unzip();
    let domains = (0..inputs)
        .map(|i| domain(random, lower[i], upper[i]))
        .collect();
    let selections = (0..random.below(3))
        .map(|_| selection(random, inputs))
        .collect();
    let graph = Arc::new(graph);
    let mut model = Model::new(
        graph.clone(),
        lower,
        upper,
        domains,
        selections,
        Vec::new(),
        Some(objective),
    )
    .unwrap();
    let designs = designs(random, &model);
    let activations = graph.evaluate(&designs[0], 1);
    let values: Vec<Vec<f64>> = (0..graph.nodes().len())
        .map(|node| activations.node(node).to_vec())
        .collect();
    model.requirements = (0..random.below(3) as u32)
        .map(|label| (label, formula(random, &graph, &values, 2)))
        .collect();
    (model, designs)
}

fn designs(random: &mut Random, model: &Model) -> Vec<Vec<f64>> {
    let flat = random::samples(random, &model.lower, &model.upper, 12);
    let mut designs: Vec<Vec<f64>> = flat
        .chunks(model.input_size())
        .map(<[f64]>::to_vec)
        .collect();
    for x in &mut designs {
        for selection in &model.selections {
            for group in selection.groups.iter().skip(selection.at_most) {
                for &input in group {
                    if model.lower[input] <= 0.0 && model.upper[input] >= 0.0 && random.below(4) > 0
                    {
                        x[input] = 0.0;
                    }
                }
            }
        }
        for (input, domain) in model.domains.iter().enumerate() {
            match domain {
                Domain::Continuous => {}
                Domain::Integer => x[input] = x[input].round(),
                Domain::Catalogue(values) if values.contains(&x[input]) => {}
                Domain::Catalogue(values) => x[input] = values[random.below(values.len())],
            }
        }
    }
    designs
}

fn proved(random: &mut Random, model: &Model) -> Bounds {
    if random.below(3) == 0 {
        interval::bounds(&model.graph, &model.lower, &model.upper).unwrap()
    } else {
        crown::bounds(&model.graph, &model.lower, &model.upper, &[]).unwrap()
    }
}

/// Every row has each column once, in range, and no zeros.
fn well_formed(program: &Program) {
    assert_eq!(program.starts[program.row_count()], program.nonzeros());
    assert_eq!(program.indices.len(), program.nonzeros());
    for row in 0..program.row_count() {
        let (columns, coefficients) = program.row(row);
        let mut sorted = columns.to_vec();
        sorted.sort_unstable();
        assert!(sorted.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(
            sorted
                .last()
                .is_none_or(|&last| (last as usize) < program.column_count())
        );
        assert!(coefficients.iter().all(|&c| c != 0.0 && c.is_finite()));
        assert!(program.row_lower[row] <= program.row_upper[row]);
    }
    assert!(
        program
            .column_lower
            .iter()
            .zip(&program.column_upper)
            .all(|(lower, upper)| lower <= upper && lower.is_finite() && upper.is_finite())
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn completion_satisfies_the_program_exactly_if_the_design_satisfies_the_model(seed: u64) {
        let random = &mut Random(seed);
        let (model, designs) = model(random);
        let bounds = proved(random, &model);
        for formulation in FORMULATIONS {
            let program = match encode(&model, &bounds, formulation) {
                Ok(program) => program,
                Err(error) => {
                    prop_assert!(error.0.contains("Euclidean norm"), "{error}");
                    continue;
                }
            };
            well_formed(&program);
            for x in &designs {
                let solution = program.complete(x);
                let (missed, violation) = (program.violation(&solution), model.violation_at(x, 1)[0]);
                let objective = model.objective_at(x, 1)[0];
                let scale = 1.0 + objective.abs() + bounds.magnitude(model.graph.nodes().len() - 1)[0];
                prop_assert!((program.objective(&solution) - objective).abs() <= 1e-12 * scale);
                for switch in program.switches() {
                    let terms = switch.columns.iter().zip(&switch.coefficients);
                    let z: f64 = terms.map(|(&column, c)| c * solution[column as usize]).sum();
                    let z = z + switch.constant;
                    let value = solution[switch.value as usize];
                    prop_assert!((value - z.max(switch.slope * z)).abs() <= 1e-9 * (1.0 + z.abs()));
                    let active = solution[switch.active as usize];
                    prop_assert!(z.abs() <= 1e-9 || (active == 1.0) == (z > 0.0));
                }
                if violation == 0.0 {
                    prop_assert!(missed <= 1e-9, "{formulation:?}: {x:?} holds, but misses by {missed}");
                    prop_assert_eq!(&program.inputs(&solution), x);
                } else if violation > 1e-6 {
                    prop_assert!(missed > 1e-8, "{formulation:?}: {x:?} is off by {violation}, yet satisfies");
                }
            }
        }
    }
}

/// `relu(x0 - x1) + |x0|` over a box in which no sign is decided.
fn small() -> (Graph, usize) {
    let mut graph = Graph::new(2);
    let weights = Matrix::dense(2, 2, vec![1.0, -1.0, 1.0, 0.5]).unwrap();
    let z = graph
        .affine(vec![(0, Arc::new(weights))], vec![0.1, 0.2])
        .unwrap();
    let y = graph.kink(z, vec![0.0, -1.0]).unwrap();
    let sum = Matrix::dense(1, 2, vec![1.0, 1.0]).unwrap();
    let total = graph.affine(vec![(y, Arc::new(sum))], vec![3.0]).unwrap();
    (graph, total)
}

fn over_unit_box(
    graph: Graph,
    requirements: Vec<(u32, Formula)>,
    objective: Option<usize>,
) -> (Model, Bounds) {
    let n = graph.input_size();
    let model = Model::new(
        Arc::new(graph),
        vec![-1.0; n],
        vec![1.0; n],
        vec![Domain::Continuous; n],
        Vec::new(),
        requirements,
        objective,
    )
    .unwrap();
    let bounds = crown::bounds(&model.graph, &model.lower, &model.upper, &[]).unwrap();
    (model, bounds)
}

#[test]
fn minimised_convex_kinks_have_no_binaries_and_the_objective_has_no_row() {
    let (graph, total) = small();
    let (model, bounds) = over_unit_box(graph, Vec::new(), Some(total));
    let program = encode(&model, &bounds, Formulation::BigM).unwrap();
    assert_eq!(program.binaries(), 0);
    // Two definitions of z, y >= z for the first kink (its bound says y >= 0), y >= z and y >= -z for the second.
    assert_eq!(program.row_count(), 5);
    assert_eq!(program.offset, 3.0);
}

#[test]
fn maximised_convex_kinks_have_a_binary_or_a_set_each() {
    let (mut graph, total) = small();
    let minus = Matrix::diagonal(&[-1.0]);
    let objective = graph
        .affine(vec![(total, Arc::new(minus))], vec![0.0])
        .unwrap();
    let (model, bounds) = over_unit_box(graph, Vec::new(), Some(objective));
    let program = encode(&model, &bounds, Formulation::BigM).unwrap();
    assert_eq!((program.binaries(), program.row_count()), (2, 6));
    let program = encode(&model, &bounds, Formulation::Sos1).unwrap();
    assert_eq!((program.binaries(), program.sos1.len()), (0, 2));
    // The source of a set is written straight into its row.
    assert_eq!(program.row_count(), 3);
}

#[test]
fn what_nobody_needs_is_not_encoded() {
    let (graph, _) = small();
    let (model, bounds) = over_unit_box(graph, Vec::new(), Some(3).filter(|_| false));
    let program = encode(&model, &bounds, Formulation::BigM).unwrap();
    assert_eq!((program.column_count(), program.row_count()), (2, 0));
}

#[test]
fn an_impossible_requirement_is_recorded_under_its_label() {
    let (graph, total) = small();
    let wanted = Formula::Within {
        node: total,
        lower: vec![f64::NEG_INFINITY],
        upper: vec![2.0],
    };
    let alternatives = Formula::Any(vec![
        wanted.clone(),
        Formula::All(vec![wanted, Formula::All(vec![])]),
    ]);
    let (model, bounds) = over_unit_box(graph, vec![(7, alternatives)], Some(total));
    let program = encode(&model, &bounds, Formulation::BigM).unwrap();
    assert_eq!(program.impossible, [RowOrigin::Requirement(7, 0)]);
    assert!(program.violation(&program.complete(&[0.0, 0.0])) >= 1.0);
}

#[test]
fn a_norm_that_is_bounded_below_is_refused() {
    let mut graph = Graph::new(2);
    let norm = graph.norm(0, vec![vec![0, 1]]).unwrap();
    let below = Formula::Within {
        node: norm,
        lower: vec![0.5],
        upper: vec![f64::INFINITY],
    };
    let (model, bounds) = over_unit_box(graph, vec![(0, below)], None);
    let error = encode(&model, &bounds, Formulation::BigM).unwrap_err();
    assert!(error.0.contains("not convex"), "{error}");
}

#[test]
fn missing_and_crossed_bounds_are_refused() {
    let (graph, total) = small();
    let (model, bounds) = over_unit_box(graph, Vec::new(), Some(total));
    let mut crossed = bounds.clone();
    crossed.lower[1][0] = 10.0;
    assert!(
        encode(&model, &crossed, Formulation::BigM)
            .unwrap_err()
            .0
            .contains("crossed")
    );
    let mut short = bounds.clone();
    short.lower.pop();
    assert!(encode(&model, &short, Formulation::BigM).is_err());
    let mut outside = bounds;
    outside.lower[0] = vec![2.0, 2.0];
    outside.upper[0] = vec![3.0, 3.0];
    assert!(
        encode(&model, &outside, Formulation::BigM)
            .unwrap_err()
            .0
            .contains("leave nothing")
    );
}

#[test]
fn zero_or_one_inputs_are_binary_and_stand_for_their_own_use() {
    let graph = Arc::new(Graph::new(3));
    let selection = Selection {
        groups: vec![vec![0], vec![1], vec![2]],
        at_least: 1,
        at_most: 2,
    };
    let model = Model::new(
        graph.clone(),
        vec![0.0; 3],
        vec![1.0; 3],
        vec![Domain::Integer; 3],
        vec![selection],
        Vec::new(),
        None,
    )
    .unwrap();
    let bounds = interval::bounds(&graph, &model.lower, &model.upper).unwrap();
    let program = encode(&model, &bounds, Formulation::BigM).unwrap();
    assert_eq!(program.column_kinds, [ColumnKind::Binary; 3]);
    assert_eq!((program.row_count(), program.nonzeros()), (1, 3));
}

#[test]
fn solutions_become_exact_designs() {
    let graph = Arc::new(Graph::new(4));
    let selection = Selection {
        groups: vec![vec![0], vec![1]],
        at_least: 0,
        at_most: 1,
    };
    let domains = vec![
        Domain::Continuous,
        Domain::Continuous,
        Domain::Integer,
        Domain::Catalogue(vec![0.5, 0.8]),
    ];
    let model = Model::new(
        graph.clone(),
        vec![0.0; 4],
        vec![5.0; 4],
        domains,
        vec![selection],
        Vec::new(),
        None,
    )
    .unwrap();
    let bounds = interval::bounds(&graph, &model.lower, &model.upper).unwrap();
    let program = encode(&model, &bounds, Formulation::BigM).unwrap();
    let mut solution = program.complete(&[0.0, 2.0, 3.0, 0.8]);
    for value in &mut solution {
        *value += 1e-7;
    }
    assert_eq!(program.inputs(&solution), [0.0, 2.0 + 1e-7, 3.0, 0.8]);
}

#[test]
fn files_hold_every_part() {
    let (mut graph, total) = small();
    let norm = graph.norm(1, vec![vec![0, 1]]).unwrap();
    let add = Arc::new(Matrix::identity(1));
    let objective = graph
        .affine(vec![(total, add.clone()), (norm, add)], vec![0.0])
        .unwrap();
    let bounded = Formula::Within {
        node: 2,
        lower: vec![0.25, 0.25],
        upper: vec![0.5, 0.5],
    };
    let (model, bounds) = over_unit_box(graph, vec![(4, bounded)], Some(objective));
    let mut program = encode(&model, &bounds, Formulation::Sos1).unwrap();
    program.labels.nodes = vec!["in".into(), "print.2 z".into()];
    program
        .labels
        .requirements
        .insert(4, "line 9 (snake.inv)".into());
    let (mut mps, mut lp) = (Vec::new(), Vec::new());
    program.write_mps(&mut mps).unwrap();
    program.write_lp(&mut lp).unwrap();
    let (mps, lp) = (
        String::from_utf8(mps).unwrap(),
        String::from_utf8(lp).unwrap(),
    );
    for part in [
        "print.2_z[0]",
        "line_9_(snake.inv)[0]",
        "QCMATRIX",
        "SOS",
        "RANGES",
    ] {
        assert!(mps.contains(part), "{part} is missing:\n{mps}");
    }
    for part in [
        "print.2_z(0)",
        "line_9_(snake.inv)(0).lower",
        "^2 ] <= 0",
        "S1::",
    ] {
        assert!(lp.contains(part), "{part} is missing:\n{lp}");
    }
    assert_eq!(program.column_name(0), "x[0]");
    assert_eq!(
        program.origin_name(RowOrigin::Requirement(4, 1)),
        "line 9 (snake.inv)[1]"
    );
}
