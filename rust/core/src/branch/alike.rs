//! Roots that differ in constants alone, as the targets of one network do: a choice of the inputs reduces them together.

use super::boxes::Boxes;
use super::cell::{Cell, Domains, Limit};
use super::derive::Derived;
use super::parts::Context;
use super::reduced::{MarkedRows, Reduced};
use super::root::Root;

/// All roots of a list of choices.
pub struct Roots {
    classes: Vec<Alike>,
    /// By root, the class it is in, and its own.
    members: Vec<(usize, Member)>,
}

/// What alike roots have in common.
struct Alike {
    /// Their network; the constants of its caps and heads are zero.
    network: Reduced,
    cell: Cell,
    domains: Domains,
    limits: Vec<Limit>,
}

/// What one root has for itself.
struct Member {
    inputs: Vec<usize>,
    /// The constants of its caps and heads.
    caps: Vec<f64>,
    heads: Vec<f64>,
}

/// What one choice leaves of the roots, worked out when it is asked for.
pub struct Given<'a> {
    roots: &'a Roots,
    /// The inputs that are zero, sorted.
    off: &'a [usize],
    /// By class.
    known: Vec<Option<Reduction>>,
}

/// What a choice leaves of a class.
struct Reduction {
    /// The inputs that are not fixed, by their place among those of a member.
    free: Vec<usize>,
    network: Reduced,
    cell: Cell,
    domains: Domains,
    limits: Vec<Limit>,
}

impl Roots {
    /// Finds out which of the roots are alike.
    pub fn new(roots: Vec<Root>) -> Self {
        let mut all = Roots {
            classes: Vec::new(),
            members: Vec::with_capacity(roots.len()),
        };
        for root in roots {
            let mut network = root.network;
            let member = Member {
                inputs: root.inputs,
                caps: take_constants(&mut network.cap_rows, network.inputs),
                heads: take_constants(&mut network.heads, network.inputs),
            };
            let own = Alike {
                network,
                cell: root.cell,
                domains: root.domains,
                limits: root.limits,
            };
            let known = all.classes.iter_mut().position(|class| class.takes(&own));
            if known.is_none() {
                all.classes.push(own);
            }
            let class = known.unwrap_or(all.classes.len() - 1);
            all.members.push((class, member));
        }
        all
    }

    /// The number of roots.
    pub fn count(&self) -> usize {
        self.members.len()
    }

    /// The roots where the inputs of `off` are zero.
    pub fn given<'a>(&'a self, off: &'a [usize]) -> Given<'a> {
        Given {
            roots: self,
            off,
            known: self.classes.iter().map(|_| None).collect(),
        }
    }
}

impl Given<'_> {
    /// The tree of boxes of one root.
    pub fn tree(&mut self, root: usize, context: &Context) -> Boxes {
        let (class, member) = &self.roots.members[root];
        let alike = &self.roots.classes[*class];
        let is_free = |k: &usize| {
            alike.cell.lower[*k] < alike.cell.upper[*k]
                && self.off.binary_search(&member.inputs[*k]).is_err()
        };
        let free: Vec<usize> = (0..member.inputs.len()).filter(is_free).collect();
        let reduction = match self.known[*class].take() {
            Some(reduction) if reduction.free == free => reduction,
            _ => alike.reduce(free, self.off, &member.inputs),
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
        self.known[*class] = Some(reduction);
        Boxes::new(root, true, context)
    }
}

impl Alike {
    /// Takes in another class, if it is the same but for rounding.
    fn takes(&mut self, other: &Alike) -> bool {
        let same = agree(&self.network, &other.network)
            && (&self.cell, &self.domains, &self.limits)
                == (&other.cell, &other.domains, &other.limits);
        if same {
            for (own, other) in self.network.symbols.iter_mut().zip(&other.network.symbols) {
                own.lower = own.lower.min(other.lower);
                own.upper = own.upper.max(other.upper);
                own.error = own.error.max(other.error);
                own.magnitude = own.magnitude.max(other.magnitude);
            }
            widen(&mut self.network.cap_rows, &other.network.cap_rows);
            widen(&mut self.network.heads, &other.network.heads);
        }
        same
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
        let network = self.network.restrict(&free, &values);
        // Without limits: what is derived is exact for every design, whether it holds or not.
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

/// Whether two networks are the same but for rounding: sums of the same terms may end in other digits.
fn agree(a: &Reduced, b: &Reduced) -> bool {
    let kinds = |network: &Reduced| -> Vec<(f64, bool)> {
        let symbols = network.symbols.iter();
        symbols.map(|s| (s.slope, s.concave_tail)).collect()
    };
    let sizes = |network: &Reduced| -> Vec<usize> {
        network.layers.iter().map(|layer| layer.first).collect()
    };
    a.inputs == b.inputs
        && kinds(a) == kinds(b)
        && sizes(a) == sizes(b)
        && (a.layers.iter().zip(&b.layers)).all(|(a, b)| a.rows == b.rows)
        && a.caps == b.caps
        && a.cap_rows.rows == b.cap_rows.rows
        && a.heads.rows == b.heads.rows
        && a.head_caps == b.head_caps
}
