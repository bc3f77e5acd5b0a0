//! Random graphs with every operation, random boxes, and an evaluator with twice the digits.

#![allow(dead_code)] // every test file uses its part

use std::sync::Arc;

use preimage_core::graph::{Graph, Matrix, Operation};

/// SplitMix64.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    /// Uniform in 0..=1, the ends included.
    pub fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / ((1u64 << 53) - 1) as f64
    }

    /// Uniform in -1..=1.
    pub fn signed(&mut self) -> f64 {
        2.0 * self.unit() - 1.0
    }
}

fn matrix(random: &mut Random, rows: usize, columns: usize) -> Arc<Matrix> {
    match random.below(4) {
        0 => {
            let (mut starts, mut indices, mut data) = (vec![0], Vec::new(), Vec::new());
            for _ in 0..rows {
                for column in 0..columns {
                    if random.below(3) == 0 {
                        indices.push(column as u32);
                        data.push(if random.below(2) == 0 {
                            1.0
                        } else {
                            random.signed()
                        });
                    }
                }
                starts.push(indices.len());
            }
            Arc::new(Matrix::sparse(rows, columns, starts, indices, data).unwrap())
        }
        _ => {
            let data = (0..rows * columns).map(|_| random.signed()).collect();
            Arc::new(Matrix::dense(rows, columns, data).unwrap())
        }
    }
}

fn groups(random: &mut Random, size: usize) -> Vec<Vec<u32>> {
    let count = 1 + random.below(4);
    (0..count)
        .map(|_| {
            (0..1 + random.below(4))
                .map(|_| random.below(size) as u32)
                .collect()
        })
        .collect()
}

/// A graph of `steps` operations after its input, each on a random earlier node.
pub fn graph(random: &mut Random, inputs: usize, steps: usize) -> Graph {
    let mut graph = Graph::new(inputs);
    for _ in 0..steps {
        let last = graph.nodes().len() - 1;
        let source = if random.below(3) == 0 {
            random.below(last + 1)
        } else {
            last
        };
        let size = graph.size(source);
        match random.below(8) {
            0..=2 => {
                let rows = 1 + random.below(6);
                let mut terms = vec![(source, matrix(random, rows, size))];
                if random.below(3) == 0 {
                    let other = random.below(last + 1);
                    terms.push((other, matrix(random, rows, graph.size(other))));
                }
                let bias = (0..rows).map(|_| random.signed()).collect();
                graph.affine(terms, bias).unwrap();
            }
            3..=4 => {
                let special = [0.0, 0.01, -1.0, 1.0, 0.25, 2.0, -0.5, 1.5];
                let slopes = (0..size).map(|_| match random.below(3) {
                    0 => 3.0 * random.signed(),
                    1 => 0.0,
                    _ => special[random.below(special.len())],
                });
                let slopes = slopes.collect();
                graph.kink(source, slopes).unwrap();
            }
            5 => {
                let groups = groups(random, size);
                graph.max(source, groups).unwrap();
            }
            6 => {
                let groups = groups(random, size);
                graph.norm(source, groups).unwrap();
            }
            _ => {
                let lower: Vec<f64> = (0..size).map(|_| random.signed()).collect();
                let upper: Vec<f64> = lower.iter().map(|l| l + random.unit()).collect();
                graph.clip(source, &lower, &upper).unwrap();
            }
        }
    }
    graph
}

/// Designs in a box: random ones, corners, and ones with some coordinates at their ends.
pub fn samples(random: &mut Random, lower: &[f64], upper: &[f64], count: usize) -> Vec<f64> {
    let mut x = Vec::with_capacity(count * lower.len());
    for _ in 0..count {
        let ends = random.below(3);
        for (&l, &u) in lower.iter().zip(upper) {
            let at_end = ends == 0 || (ends == 1 && random.below(2) == 0);
            let t = if at_end {
                random.below(2) as f64
            } else {
                random.unit()
            };
            x.push(if t == 1.0 {
                u
            } else {
                (l + t * (u - l)).clamp(l, u)
            });
        }
    }
    x
}

/// A number of twice the digits: an unevaluated sum.
#[derive(Clone, Copy, Debug)]
pub struct Double(pub f64, pub f64);

impl Double {
    pub fn of(value: f64) -> Self {
        Double(value, 0.0)
    }

    pub fn add(self, other: Double) -> Self {
        let sum = self.0 + other.0;
        let part = sum - self.0;
        let error = (self.0 - (sum - part)) + (other.0 - part) + self.1 + other.1;
        Double(sum + error, error - ((sum + error) - sum))
    }

    pub fn times(self, other: Double) -> Self {
        let product = self.0 * other.0;
        let error = self.0.mul_add(other.0, -product) + self.0 * other.1 + self.1 * other.0;
        Double(product + error, error - ((product + error) - product))
    }

    pub fn negated(self) -> Self {
        Double(-self.0, -self.1)
    }

    pub fn root(self) -> Self {
        if self.0 <= 0.0 {
            return Double::of(0.0);
        }
        let root = Double::of(self.0.sqrt());
        let rest = self.add(root.times(root).negated());
        root.add(Double::of(rest.0 / (2.0 * root.0)))
    }

    pub fn less(self, other: Double) -> bool {
        let difference = self.add(other.negated());
        difference.0 < 0.0
    }
}

/// All nodes of a graph at one design, with twice the digits.
pub fn evaluate(graph: &Graph, x: &[f64]) -> Vec<Vec<Double>> {
    let mut values: Vec<Vec<Double>> = vec![x.iter().map(|&x| Double::of(x)).collect()];
    for node in &graph.nodes()[1..] {
        let value = match &node.operation {
            Operation::Input => unreachable!(),
            Operation::Affine { terms, bias } => (0..node.size)
                .map(|row| {
                    let mut sum = Double::of(bias[row]);
                    for (source, matrix) in terms {
                        matrix.visit_row(row, |column, weight| {
                            sum = sum.add(values[*source][column].times(Double::of(weight)));
                        });
                    }
                    sum
                })
                .collect(),
            Operation::Kink { source, slopes } => values[*source]
                .iter()
                .zip(slopes)
                .map(|(&z, &slope)| {
                    if z.0 < 0.0 {
                        z.times(Double::of(slope))
                    } else {
                        z
                    }
                })
                .collect(),
            Operation::Max { source, groups } => groups
                .iter()
                .map(|group| {
                    let mut entries = group.iter().map(|&j| values[*source][j as usize]);
                    let first = entries.next().unwrap();
                    entries.fold(first, |most, z| if most.less(z) { z } else { most })
                })
                .collect(),
            Operation::Norm { source, groups } => groups
                .iter()
                .map(|group| {
                    let squares = group
                        .iter()
                        .map(|&j| values[*source][j as usize])
                        .map(|z| z.times(z));
                    squares.fold(Double::of(0.0), Double::add).root()
                })
                .collect(),
        };
        values.push(value);
    }
    values
}
