//! A stable fingerprint of structure and weights.

use super::{Graph, Matrix, Operation};

/// FNV-1a on 128 bits: not a cryptographic hash, only a name that changes when anything changes.
pub(crate) struct Fingerprint(u128);

impl Default for Fingerprint {
    fn default() -> Self {
        Fingerprint(Self::OFFSET)
    }
}

impl Fingerprint {
    const OFFSET: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;

    pub fn number(&mut self, number: u64) {
        for byte in number.to_le_bytes() {
            self.0 = (self.0 ^ u128::from(byte)).wrapping_mul(Self::PRIME);
        }
    }

    pub fn floats(&mut self, values: &[f64]) {
        self.number(values.len() as u64);
        values.iter().for_each(|value| self.number(value.to_bits()));
    }

    pub fn groups(&mut self, groups: &[Vec<u32>]) {
        self.number(groups.len() as u64);
        for group in groups {
            self.number(group.len() as u64);
            group
                .iter()
                .for_each(|&entry| self.number(u64::from(entry)));
        }
    }

    fn matrix(&mut self, matrix: &Matrix) {
        self.number(matrix.rows() as u64);
        self.number(matrix.columns() as u64);
        match matrix {
            Matrix::Dense { data, .. } => {
                self.number(0);
                self.floats(data);
            }
            Matrix::Sparse {
                starts,
                indices,
                data,
                ..
            } => {
                self.number(1);
                starts.iter().for_each(|&start| self.number(start as u64));
                indices
                    .iter()
                    .for_each(|&index| self.number(u64::from(index)));
                self.floats(data);
            }
        }
    }

    /// 32 hexadecimal digits.
    pub fn digits(&self) -> String {
        format!("{:032x}", self.0)
    }
}

impl Graph {
    /// 32 hexadecimal digits that depend on the structure, the weights and the output of the graph alone.
    pub fn digest(&self) -> String {
        let mut hash = Fingerprint::default();
        hash.number(self.nodes.len() as u64);
        hash.number(self.output as u64);
        self.fingerprint(&vec![true; self.nodes.len()], &mut hash);
        hash.digits()
    }

    /// Hashes the nodes that are needed, by their rank among these.
    pub(crate) fn fingerprint(&self, needed: &[bool], hash: &mut Fingerprint) {
        let rank = ranks(needed);
        let nodes = self.nodes.iter().zip(needed);
        for (node, _) in nodes.filter(|pair| *pair.1) {
            hash.number(node.size as u64);
            node.operation
                .name()
                .bytes()
                .for_each(|byte| hash.number(u64::from(byte)));
            let sources = node.operation.sources();
            hash.number(sources.len() as u64);
            sources
                .iter()
                .for_each(|&source| hash.number(rank[source] as u64));
            match &node.operation {
                Operation::Input => {}
                Operation::Affine { terms, bias } => {
                    terms.iter().for_each(|term| hash.matrix(&term.1));
                    hash.floats(bias);
                }
                Operation::Kink { slopes, .. } => hash.floats(slopes),
                Operation::Max { groups, .. } | Operation::Norm { groups, .. } => {
                    hash.groups(groups);
                }
            }
        }
    }
}

/// For every node, how many needed ones stand before it.
pub(crate) fn ranks(needed: &[bool]) -> Vec<usize> {
    let mut before = 0;
    let rank = |&needed: &bool| {
        before += usize::from(needed);
        before - usize::from(needed)
    };
    needed.iter().map(rank).collect()
}
