//! How the entries of every node enter the objective and the constraints.

use crate::graph::Operation;
use crate::model::{Formula, Model};

/// The ways in which an entry is used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Use {
    /// Added with a positive factor to the objective or to what must not be positive.
    added: bool,
    /// One of the values whose largest is so added.
    under_largest: bool,
    /// In any other way.
    otherwise: bool,
}

impl Use {
    const ADDED: Use = Use {
        added: true,
        under_largest: false,
        otherwise: false,
    };
    const UNDER_LARGEST: Use = Use {
        added: false,
        under_largest: true,
        otherwise: false,
    };
    const OTHERWISE: Use = Use {
        added: false,
        under_largest: false,
        otherwise: true,
    };

    /// It is not used.
    pub fn none(self) -> bool {
        self == Use::default()
    }

    /// It is only ever added.
    pub fn only_added(self) -> bool {
        self == Use::ADDED
    }

    /// Only lines below it are ever needed.
    pub fn only_from_below(self) -> bool {
        !self.otherwise
    }

    fn join(&mut self, other: Use) {
        self.added |= other.added;
        self.under_largest |= other.under_largest;
        self.otherwise |= other.otherwise;
    }
}

/// By node and entry, how it is used.
pub fn uses(model: &Model) -> Vec<Vec<Use>> {
    let nodes = model.graph.nodes();
    let mut uses: Vec<Vec<Use>> = nodes
        .iter()
        .map(|node| vec![Use::default(); node.size])
        .collect();
    if let Some(node) = model.objective {
        uses[node][0].join(Use::ADDED);
    }
    model
        .requirements
        .iter()
        .for_each(|(_, formula)| demand(formula, true, &mut uses));
    for index in (0..nodes.len()).rev() {
        let own = std::mem::take(&mut uses[index]);
        for (entry, &used) in own.iter().enumerate().filter(|(_, used)| !used.none()) {
            match &nodes[index].operation {
                Operation::Input => {}
                Operation::Affine { terms, .. } => {
                    let mut length = 0;
                    for (_, matrix) in terms {
                        matrix.visit_row(entry, |_, weight| length += usize::from(weight != 0.0));
                    }
                    for (source, matrix) in terms {
                        matrix.visit_row(entry, |column, weight| {
                            if weight != 0.0 {
                                uses[*source][column].join(through_affine(used, weight, length));
                            }
                        });
                    }
                }
                Operation::Kink { source, .. } => uses[*source][entry].join(Use::OTHERWISE),
                Operation::Max { source, groups } => {
                    let all = (own.iter()).all(|u| u.none() || u.only_added());
                    let below = if all {
                        Use::UNDER_LARGEST
                    } else {
                        Use::OTHERWISE
                    };
                    groups[entry]
                        .iter()
                        .for_each(|&i| uses[*source][i as usize].join(below));
                }
                Operation::Norm { source, groups } => {
                    groups[entry]
                        .iter()
                        .for_each(|&i| uses[*source][i as usize].join(Use::OTHERWISE));
                }
            }
        }
        uses[index] = own;
    }
    uses
}

fn through_affine(used: Use, weight: f64, length: usize) -> Use {
    if weight < 0.0 || used.otherwise || (used.under_largest && length > 1) {
        return Use::OTHERWISE;
    }
    used
}

fn demand(formula: &Formula, alone: bool, uses: &mut [Vec<Use>]) {
    match formula {
        Formula::All(parts) => parts.iter().for_each(|part| demand(part, alone, uses)),
        Formula::Any(parts) => parts.iter().for_each(|part| demand(part, false, uses)),
        Formula::Within { node, lower, upper } => {
            for (entry, used) in uses[*node].iter_mut().enumerate() {
                if upper[entry].is_finite() {
                    used.join(if alone { Use::ADDED } else { Use::OTHERWISE });
                }
                if lower[entry].is_finite() {
                    used.join(Use::OTHERWISE);
                }
            }
        }
    }
}
