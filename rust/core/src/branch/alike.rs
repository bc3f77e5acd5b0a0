//! Roots that differ in constants alone, as the targets of one network do: a choice of the inputs reduces them together.

use super::boxes::Boxes;
use super::cell::{Cell, Domains, Limit};
use super::derive::Derived;
use super::parts::Context;
use super::reduced::{MarkedRows, Reduced};
use super::root::Root;
use super::symbol::Symbol;

/// Roots that are alike.
pub struct Alike {
    /// Their network; the constants of its caps and heads are zero.
    network: Reduced,
    cell: Cell,
    domains: Domains,
    limits: Vec<Limit>,
    members: Vec<Member>,
}

/// What one root has for itself.
struct Member {
    /// Which of all roots it is.
    place: usize,
    inputs: Vec<usize>,
    caps: Vec<f64>,
    heads: Vec<f64>,
}

/// What a choice leaves of the network of the members.
struct Reduction {
    /// The inputs that are not fixed, by their place among those of a member.
    free: Vec<usize>,
    network: Reduced,
    cell: Cell,
    domains: Domains,
    limits: Vec<Limit>,
}

impl Alike {
    /// The classes of roots that are alike.
    pub fn gather(roots: Vec<Root>) -> Vec<Alike> {
        let mut classes: Vec<Alike> = Vec::new();
        for (place, root) in roots.into_iter().enumerate() {
            let Root {
                inputs,
                mut network,
                cell,
                domains,
                limits,
            } = root;
            let caps = take_constants(&mut network.cap_rows, network.inputs);
            let heads = take_constants(&mut network.heads, network.inputs);
            let member = Member {
                place,
                inputs,
                caps,
                heads,
            };
            let same = |class: &&mut Alike| {
                (&class.cell, &class.domains, &class.limits) == (&cell, &domains, &limits)
                    && agree(&class.network, &network)
            };
            if let Some(class) = classes.iter_mut().find(same) {
                widen(&mut class.network.cap_rows, &network.cap_rows);
                widen(&mut class.network.heads, &network.heads);
                class.members.push(member);
            } else {
                classes.push(Alike {
                    network,
                    cell,
                    domains,
                    limits,
                    members: vec![member],
                });
            }
        }
        classes
    }

    /// The trees of boxes of the members in which the inputs of `off`, which is sorted, are zero; each with its place.
    pub fn trees(&self, off: &[usize], context: &Context) -> Vec<(usize, Boxes)> {
        let mut known: Option<Reduction> = None;
        let mut trees = Vec::with_capacity(self.members.len());
        for member in &self.members {
            let is_free = |k: &usize| {
                self.cell.lower[*k] < self.cell.upper[*k]
                    && off.binary_search(&member.inputs[*k]).is_err()
            };
            let free: Vec<usize> = (0..member.inputs.len()).filter(is_free).collect();
            let reduction = match known.take() {
                Some(reduction) if reduction.free == free => reduction,
                _ => self.reduce(free, off, &member.inputs),
            };
            let mut network = reduction.network.clone();
            put_constants(&mut network.cap_rows, network.inputs, &member.caps);
            put_constants(&mut network.heads, network.inputs, &member.heads);
            let root = Root {
                inputs: reduction.free.iter().map(|&k| member.inputs[k]).collect(),
                network,
                cell: reduction.cell.clone(),
                domains: reduction.domains.clone(),
                limits: reduction.limits.clone(),
            };
            trees.push((member.place, Boxes::new(root, true, context)));
            known = Some(reduction);
        }
        trees
    }

    fn reduce(&self, free: Vec<usize>, off: &[usize], inputs: &[usize]) -> Reduction {
        let values: Vec<f64> = (inputs.iter().zip(&self.cell.lower))
            .map(|(i, &lower)| match off.binary_search(i) {
                Ok(_) => 0.0,
                Err(_) => lower,
            })
            .collect();
        let pick = |all: &[f64]| free.iter().map(|&k| all[k]).collect();
        let cell = Cell {
            lower: pick(&self.cell.lower),
            upper: pick(&self.cell.upper),
        };
        // Without limits: what is derived is exact for every design, whether it holds or not.
        let network = self.network.restrict(&free, &values);
        let network = match network.derive(&cell, &[], || false) {
            Derived::Network(derived) => *derived,
            Derived::Empty | Derived::Stopped => network,
        };
        let limits = self.limits.iter();
        Reduction {
            network,
            cell,
            domains: self.domains.of(&free),
            limits: limits.map(|l| l.restrict(&free, &values)).collect(),
            free,
        }
    }
}

/// Replaces the constants of rows by zero.
fn take_constants(marked: &mut MarkedRows, inputs: usize) -> Vec<f64> {
    (0..marked.error.len())
        .map(|r| std::mem::take(&mut marked.rows.row_mut(r)[inputs]))
        .collect()
}

/// Adds constants to rows.
fn put_constants(marked: &mut MarkedRows, inputs: usize, constants: &[f64]) {
    for (r, constant) in constants.iter().enumerate() {
        marked.rows.row_mut(r)[inputs] += constant;
        marked.magnitude[r] += constant.abs();
    }
}

/// Makes errors and magnitudes those of both.
fn widen(marked: &mut MarkedRows, other: &MarkedRows) {
    let larger = |all: &mut [f64], others: &[f64]| {
        (all.iter_mut().zip(others)).for_each(|(a, b)| *a = a.max(*b));
    };
    larger(&mut marked.error, &other.error);
    larger(&mut marked.magnitude, &other.magnitude);
}

/// Whether two networks are the same, whatever the errors and the magnitudes of caps and heads.
fn agree(a: &Reduced, b: &Reduced) -> bool {
    let symbols = |network: &Reduced| -> Vec<(f64, f64, f64, f64, f64, bool)> {
        let all = network.symbols.iter();
        let told = |s: &Symbol| (s.slope, s.lower, s.upper, s.error, s.magnitude, s.concave_tail);
        all.map(told).collect()
    };
    let layers = |network: &Reduced| -> Vec<usize> {
        network.layers.iter().map(|layer| layer.first).collect()
    };
    a.inputs == b.inputs
        && symbols(a) == symbols(b)
        && layers(a) == layers(b)
        && (a.layers.iter().zip(&b.layers)).all(|(a, b)| a.rows == b.rows)
        && a.caps == b.caps
        && a.cap_rows.rows == b.cap_rows.rows
        && a.heads.rows == b.heads.rows
        && a.head_caps == b.head_caps
}
