//! Taking a reduced network apart into networks that share no input: their least values add up.

use super::cap::Cap;
use super::cell::{Cell, Domains, Limit};
use super::kernel::Rows;
use super::reduced::{Layer, MarkedRows, Reduced};
use super::root::Root;
use super::slopes::Slopes;
use super::symbol::Symbol;

/// Sets of columns that depend on one another.
struct Union(Vec<usize>);

impl Union {
    fn find(&mut self, mut member: usize) -> usize {
        while self.0[member] != member {
            self.0[member] = self.0[self.0[member]];
            member = self.0[member];
        }
        member
    }

    fn join(&mut self, members: impl IntoIterator<Item = usize>) {
        let mut members = members.into_iter();
        let Some(first) = members.next() else { return };
        for other in members {
            let (a, b) = (self.find(first), self.find(other));
            self.0[a.max(b)] = a.min(b);
        }
    }
}

/// The columns of a row that matter, the constant left out.
fn nonzeros(row: &[f64], inputs: usize) -> impl Iterator<Item = usize> {
    (0..row.len()).filter(move |&c| c != inputs && row[c] != 0.0)
}

/// The independent parts of a network; the constant of the objective goes to the first.
///
/// Inputs that nothing depends on are in none of them.
pub fn components(
    network: &Reduced,
    limits: &[Limit],
    cell: &Cell,
    domains: &Domains,
) -> Vec<Root> {
    let (inputs, width) = (network.inputs, network.width());
    // Columns of the rows first, then the caps.
    let mut union = Union((0..width + network.caps.len()).collect());
    for layer in &network.layers {
        for k in 0..layer.rows.count() {
            let column = network.base() + layer.first + k;
            union.join(std::iter::once(column).chain(nonzeros(layer.rows.row(k), inputs)));
        }
    }
    for (e, cap) in network.caps.iter().enumerate() {
        for r in cap.first..cap.first + cap.count {
            union.join(
                std::iter::once(width + e).chain(nonzeros(network.cap_rows.rows.row(r), inputs)),
            );
        }
    }
    let head_columns = |h: usize| {
        let caps = (network.caps_of(h).iter().enumerate()).filter(|(_, q)| **q != 0.0);
        nonzeros(network.heads.rows.row(h), inputs).chain(caps.map(|(e, _)| width + e))
    };
    for h in 1..=network.constraints() {
        union.join(head_columns(h));
    }
    for limit in limits {
        union.join(nonzeros(&limit.form, inputs));
    }
    let mut used = vec![false; width + network.caps.len()];
    (0..=network.constraints())
        .flat_map(head_columns)
        .for_each(|c| used[c] = true);
    limits
        .iter()
        .flat_map(|l| nonzeros(&l.form, inputs))
        .for_each(|c| used[c] = true);
    let mut classes: Vec<usize> = (0..used.len())
        .filter(|&c| used[c])
        .map(|c| union.find(c))
        .collect();
    classes.sort_unstable();
    classes.dedup();
    if classes.is_empty() {
        classes.push(usize::MAX);
    }
    let class_of: Vec<usize> = (0..width + network.caps.len())
        .map(|c| union.find(c))
        .collect();
    let first = classes[0];
    (classes.into_iter())
        .map(|class| {
            part(
                network,
                limits,
                cell,
                domains,
                &class_of,
                class,
                class == first,
            )
        })
        .collect()
}

fn part(
    network: &Reduced,
    limits: &[Limit],
    cell: &Cell,
    domains: &Domains,
    class_of: &[usize],
    class: usize,
    with_constant: bool,
) -> Root {
    let (all, width) = (network.inputs, network.width());
    let inputs: Vec<usize> = (0..all).filter(|&i| class_of[i] == class).collect();
    let columns: Vec<usize> = inputs
        .iter()
        .copied()
        .chain(std::iter::once(all))
        .chain((all + 1..width).filter(|&c| class_of[c] == class))
        .collect();
    let narrow = |rows: &Rows, chosen: &[usize]| {
        let kept: Vec<usize> = columns
            .iter()
            .copied()
            .take_while(|&c| c < rows.width)
            .collect();
        let mut out = Rows {
            width: kept.len(),
            data: Vec::new(),
        };
        for &r in chosen {
            out.data.extend(kept.iter().map(|&c| rows.row(r)[c]));
        }
        out
    };
    let marked = |marked: &MarkedRows, chosen: &[usize]| MarkedRows {
        rows: narrow(&marked.rows, chosen),
        error: chosen.iter().map(|&r| marked.error[r]).collect(),
        magnitude: chosen.iter().map(|&r| marked.magnitude[r]).collect(),
    };
    let mut own = Reduced::new(inputs.len());
    for layer in &network.layers {
        let chosen: Vec<usize> = (0..layer.rows.count())
            .filter(|k| class_of[network.base() + layer.first + k] == class)
            .collect();
        let first = own.symbols.len();
        own.symbols.extend(chosen.iter().map(|k| Symbol {
            ..network.symbols[layer.first + k]
        }));
        if !chosen.is_empty() {
            own.layers.push(Layer {
                first,
                rows: narrow(&layer.rows, &chosen),
                slopes: Slopes::default(),
            });
        }
    }
    own.influence = Rows::zeros(own.symbols.len(), inputs.len());
    let caps: Vec<usize> = (0..network.caps.len())
        .filter(|e| class_of[width + e] == class)
        .collect();
    let (mut kept, mut rows) = (Vec::new(), Vec::new());
    for &e in &caps {
        let cap = &network.caps[e];
        kept.push(Cap {
            first: rows.len(),
            ..cap.clone()
        });
        rows.extend(cap.first..cap.first + cap.count);
    }
    own.caps = kept.into();
    own.cap_rows = marked(&network.cap_rows, &rows);
    let belongs = |h: usize| {
        let row = network.heads.rows.row(h);
        let first = nonzeros(row, all).next();
        let cap = network
            .caps_of(h)
            .iter()
            .position(|q| *q != 0.0)
            .map(|e| width + e);
        // A constraint on nothing holds or fails everywhere: it goes with the constant.
        first
            .or(cap)
            .map_or(with_constant, |c| class_of[c] == class)
    };
    let heads: Vec<usize> = (0..=network.constraints())
        .filter(|&h| h == 0 || belongs(h))
        .collect();
    own.heads = marked(&network.heads, &heads);
    if !with_constant {
        own.heads.rows.row_mut(0)[inputs.len()] = 0.0;
    }
    own.head_caps = Rows {
        width: caps.len(),
        data: Vec::new(),
    };
    for &h in &heads {
        let known = network.caps_of(h);
        let picked = caps.iter().filter_map(|&e| known.get(e));
        own.head_caps.data.extend(picked);
    }
    let pick = |values: &[f64]| inputs.iter().map(|&i| values[i]).collect();
    // The inputs of other parts do not enter a limit: whatever their value, it counts for nothing.
    let others = vec![0.0; all];
    let mine = |limit: &&Limit| {
        nonzeros(&limit.form, all)
            .next()
            .map_or(with_constant, |c| class_of[c] == class)
    };
    Root {
        network: own,
        cell: Cell {
            lower: pick(&cell.lower),
            upper: pick(&cell.upper),
        },
        domains: domains.of(&inputs),
        limits: limits
            .iter()
            .filter(mine)
            .map(|limit| limit.restrict(&inputs, &others))
            .collect(),
        inputs,
    }
}
