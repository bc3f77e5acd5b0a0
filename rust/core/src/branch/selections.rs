//! Selections: which inputs are used is chosen first; given the choice, the rest of them are zero.

use super::boxes::Boxes;
use super::build::Unsupported;
use super::choices::Choices;
use super::parts::{Context, Part};
use super::root::Root;
use crate::model::{Domain, Model, Selection};

/// More choices than this are left to other engines.
const MOST_CHOICES: usize = 200_000;

/// Among more choices than this, parts of others are not looked for.
const MOST_COMPARED: usize = 20_000;

/// The parts of a model: those that selections tie together are one list of choices, the others trees of boxes.
pub fn choices(model: &Model, roots: Vec<Root>, context: &Context) -> Result<Part, Unsupported> {
    let mut parts = Vec::new();
    let mut left = roots;
    let mut selections: Vec<&Selection> = model
        .selections
        .iter()
        .filter(|s| !is_idle(s, model))
        .collect();
    for selection in &selections {
        check(selection, model)?;
    }
    while let Some(first) = selections.pop() {
        // All roots and selections that share inputs with this one, directly or not.
        let mut tied = vec![first];
        let mut own: Vec<Root> = Vec::new();
        loop {
            let touches = |selection: &Selection, inputs: &[usize]| {
                selection
                    .groups
                    .iter()
                    .flatten()
                    .any(|i| inputs.contains(i))
            };
            let before = (tied.len(), own.len());
            let (mine, rest): (Vec<_>, Vec<_>) = left
                .into_iter()
                .partition(|root| tied.iter().any(|s| touches(s, &root.inputs)));
            own.extend(mine);
            left = rest;
            let (mine, rest): (Vec<_>, Vec<_>) = selections.into_iter().partition(|s| {
                own.iter().any(|root| touches(s, &root.inputs))
                    || tied.iter().any(|t| touches(s, &t.groups.concat()))
            });
            tied.extend(mine);
            selections = rest;
            if before == (tied.len(), own.len()) {
                break;
            }
        }
        if !own.is_empty() {
            parts.push(Part::Choices(Choices::new(own, subsets(&tied)?, context)));
        }
    }
    parts.extend(
        left.into_iter()
            .map(|root| Part::Boxes(Boxes::new(root, false, context))),
    );
    Ok(match parts.len() {
        1 => parts.remove(0),
        _ => Part::Sum(parts),
    })
}

/// A selection that every design satisfies, as far as values next to zero can stand for zero.
fn is_idle(selection: &Selection, model: &Model) -> bool {
    let discrete = |group: &Vec<usize>| {
        group
            .iter()
            .any(|&i| model.domains[i] != Domain::Continuous)
    };
    let demanded = selection.at_least > 0 && selection.groups.iter().any(discrete);
    selection.at_most >= selection.groups.len() && !demanded
}

fn check(selection: &Selection, model: &Model) -> Result<(), Unsupported> {
    let discrete = selection
        .groups
        .iter()
        .flatten()
        .any(|&i| model.domains[i] != Domain::Continuous);
    if selection.at_least > 0 && discrete {
        return Err(Unsupported(
            "selections of at least some integers are left to the milp engine".into(),
        ));
    }
    let zero = |&i: &usize| model.lower[i] <= 0.0 && 0.0 <= model.upper[i];
    if !selection.groups.iter().flatten().all(zero) {
        return Err(Unsupported(
            "a selection of values that cannot be zero is left to the milp engine".into(),
        ));
    }
    Ok(())
}

/// For every choice that all selections allow and that is as large as it can be: the inputs that it leaves at zero.
fn subsets(selections: &[&Selection]) -> Result<Vec<Vec<usize>>, Unsupported> {
    let mut all: Vec<Vec<usize>> = vec![Vec::new()];
    for selection in selections {
        let count = selection.groups.len();
        let own = combinations(count, selection.at_most.min(count));
        if own.len().saturating_mul(all.len()) > MOST_CHOICES {
            return Err(Unsupported(
                "selections with so many choices are left to the milp engine".into(),
            ));
        }
        let mut joined = Vec::with_capacity(all.len() * own.len());
        for off in &all {
            for used in &own {
                let mut more = off.clone();
                let unused = (0..count).filter(|group| !used.contains(group));
                more.extend(unused.flat_map(|group| &selection.groups[group]));
                joined.push(more);
            }
        }
        all = joined;
    }
    for off in &mut all {
        off.sort_unstable();
        off.dedup();
    }
    if selections.len() > 1 {
        all = largest(all);
    }
    Ok(all)
}

/// Of the choices that leave these inputs at zero, those that are no part of another one.
fn largest(mut all: Vec<Vec<usize>>) -> Vec<Vec<usize>> {
    all.sort_unstable_by(|a, b| a.len().cmp(&b.len()).then_with(|| a.cmp(b)));
    all.dedup();
    if all.len() > MOST_COMPARED || all.first().map(Vec::len) == all.last().map(Vec::len) {
        return all;
    }
    let words = all.iter().flatten().max().map_or(0, |last| last / 64 + 1);
    let mut kept: Vec<Vec<u64>> = Vec::new();
    all.retain(|off| {
        let mut bits = vec![0_u64; words];
        off.iter().for_each(|i| bits[i / 64] |= 1 << (i % 64));
        let holds = |other: &Vec<u64>| (other.iter().zip(&bits)).all(|(o, b)| o & !b == 0);
        let is_largest = !kept.iter().any(holds);
        if is_largest {
            kept.push(bits);
        }
        is_largest
    });
    all
}

/// All sets of `size` numbers below `count`, in lexical order; none beyond the first `MOST_CHOICES + 1`.
fn combinations(count: usize, size: usize) -> Vec<Vec<usize>> {
    let mut found = vec![];
    let mut current: Vec<usize> = (0..size).collect();
    loop {
        found.push(current.clone());
        let Some(place) = (0..size).rev().find(|&k| current[k] < count - size + k) else {
            return found;
        };
        if found.len() > MOST_CHOICES {
            return found;
        }
        current[place] += 1;
        for k in place + 1..size {
            current[k] = current[k - 1] + 1;
        }
    }
}
