//! A fingerprint of what a design may be, and of the nodes that are bounded.

use super::{Domain, Formula, Model};
use crate::graph::{Fingerprint, ranks};

impl Model {
    /// 32 hexadecimal digits that depend on the box, the domains, the selections and the requirements, and on the graph as
    /// far as they and the nodes asked for reach: not on the objective, nor on where in the graph the nodes stand.
    ///
    /// # Panics
    /// When a node does not exist.
    pub fn digest(&self, asked: &[usize]) -> String {
        let mut wanted = vec![false; self.graph.nodes().len()];
        wanted[0] = true;
        asked.iter().for_each(|&node| wanted[node] = true);
        for (_, formula) in &self.requirements {
            formula.visit_nodes(&mut |node| wanted[node] = true);
        }
        let needed = self.graph.ancestors_of(&wanted);
        let rank = ranks(&needed);
        let mut hash = Fingerprint::default();
        self.graph.fingerprint(&needed, &mut hash);
        hash.number(asked.len() as u64);
        asked
            .iter()
            .for_each(|&node| hash.number(rank[node] as u64));
        hash.floats(&self.lower);
        hash.floats(&self.upper);
        for domain in &self.domains {
            match domain {
                Domain::Continuous => hash.number(0),
                Domain::Integer => hash.number(1),
                Domain::Catalogue(values) => hash.floats(values),
            }
        }
        hash.number(self.selections.len() as u64);
        for selection in &self.selections {
            let groups: Vec<Vec<u32>> = selection
                .groups
                .iter()
                .map(|group| group.iter().map(|&input| input as u32).collect())
                .collect();
            hash.groups(&groups);
            hash.number(selection.at_least as u64);
            hash.number(selection.at_most as u64);
        }
        hash.number(self.requirements.len() as u64);
        for (_, formula) in &self.requirements {
            formula.hash(&rank, &mut hash);
        }
        hash.digits()
    }
}

impl Formula {
    fn hash(&self, rank: &[usize], hash: &mut Fingerprint) {
        match self {
            Formula::Within { node, lower, upper } => {
                hash.number(rank[*node] as u64);
                hash.floats(lower);
                hash.floats(upper);
            }
            Formula::All(parts) | Formula::Any(parts) => {
                let any = u64::from(matches!(self, Formula::Any(_)));
                hash.number(u64::MAX - any);
                hash.number(parts.len() as u64);
                parts.iter().for_each(|part| part.hash(rank, hash));
            }
        }
    }
}
