//! Forward values and backward gradients of whole batches.

use super::{Graph, Operation};
use rayon::prelude::*;

/// A chunk of designs that is evaluated as one; fixed, so that results never depend on the number of threads.
const CHUNK: usize = 256;

/// Fewer multiplications than this are not worth waking other threads for.
const PARALLEL_WORK: usize = 1 << 24;

/// The values of the nodes of a graph for a batch of designs.
#[derive(Clone, Debug)]
pub struct Activations {
    batch: usize,
    values: Vec<Vec<f64>>,
}

impl Activations {
    /// The number of designs.
    pub fn batch(&self) -> usize {
        self.batch
    }

    /// The `batch * size(node)` values of a node, design after design; empty when it was not asked for.
    pub fn node(&self, node: usize) -> &[f64] {
        &self.values[node]
    }
}

impl Graph {
    /// The values of every node for `batch` designs (`x` holds them one after the other).
    ///
    /// # Panics
    /// When `x` does not hold `batch` designs.
    pub fn evaluate(&self, x: &[f64], batch: usize) -> Activations {
        let needed = vec![true; self.nodes.len()];
        if batch <= CHUNK || batch.saturating_mul(self.work(&needed)) < PARALLEL_WORK {
            return self.evaluate_needed(x, batch, &needed);
        }
        let parts: Vec<Activations> = x
            .par_chunks(CHUNK * self.input_size().max(1))
            .map(|part| self.evaluate_needed(part, part.len() / self.input_size().max(1), &needed))
            .collect();
        let values = (0..self.nodes.len())
            .map(|node| {
                parts
                    .iter()
                    .flat_map(|part| part.values[node].iter().copied())
                    .collect()
            })
            .collect();
        Activations { batch, values }
    }

    /// The `batch * size(node)` values of one node, computed without keeping those of the others.
    ///
    /// # Panics
    /// When `x` does not hold `batch` designs.
    pub fn evaluate_node(&self, x: &[f64], batch: usize, node: usize) -> Vec<f64> {
        let needed = self.ancestors(node);
        let inputs = self.input_size();
        assert_eq!(x.len(), batch * inputs);
        self.by_chunks(
            batch,
            self.size(node),
            self.work(&needed),
            |first, rows, out| {
                let x = &x[first * inputs..][..rows * inputs];
                out.copy_from_slice(self.evaluate_needed(x, rows, &needed).node(node));
            },
        )
    }

    /// The gradient of `seed · node` with respect to the input at every design of `x`.
    ///
    /// # Panics
    /// When `x` or `seed` (`batch * size(node)`) has the wrong length.
    pub fn gradient_at(&self, x: &[f64], batch: usize, node: usize, seed: &[f64]) -> Vec<f64> {
        let needed = self.ancestors(node);
        let (inputs, size) = (self.input_size(), self.size(node));
        assert!(x.len() == batch * inputs && seed.len() == batch * size);
        self.by_chunks(batch, inputs, 3 * self.work(&needed), |first, rows, out| {
            let activations =
                self.evaluate_needed(&x[first * inputs..][..rows * inputs], rows, &needed);
            out.copy_from_slice(&self.gradient(
                &activations,
                node,
                &seed[first * size..][..rows * size],
            ));
        })
    }

    /// The vector-Jacobian product: the gradient of `seed · node` for every design of the batch.
    ///
    /// At a kink the slope of the side `z >= 0` counts, of equal maxima the first, and the norm of zero has gradient 0.
    ///
    /// # Panics
    /// When `seed` is not `batch * size(node)` long, or the activations lack a node that is needed.
    pub fn gradient(&self, activations: &Activations, node: usize, seed: &[f64]) -> Vec<f64> {
        self.gradient_of(activations, vec![(node, seed.to_vec())])
    }

    /// The gradient of a sum of `seed · node` over several nodes, in one backward pass.
    ///
    /// # Panics
    /// As [`Graph::gradient`].
    pub fn gradient_of(
        &self,
        activations: &Activations,
        seeds: Vec<(usize, Vec<f64>)>,
    ) -> Vec<f64> {
        let batch = activations.batch;
        let mut adjoints: Vec<Vec<f64>> = vec![Vec::new(); self.nodes.len()];
        for (node, seed) in seeds {
            assert_eq!(seed.len(), batch * self.size(node));
            add_to(&mut adjoints[node], &seed);
        }
        for index in (1..self.nodes.len()).rev() {
            let adjoint = std::mem::take(&mut adjoints[index]);
            if adjoint.is_empty() {
                continue;
            }
            let size = self.size(index);
            match &self.nodes[index].operation {
                Operation::Input => {}
                Operation::Affine { terms, .. } => {
                    for (source, matrix) in terms {
                        let target = &mut adjoints[*source];
                        target.resize(batch * matrix.columns(), 0.0);
                        matrix.add_transposed_product(&adjoint, batch, target);
                    }
                }
                Operation::Kink { source, slopes } => {
                    let mut adjoint = adjoint;
                    let z = activations.node(*source);
                    for (place, adjoint) in adjoint.iter_mut().enumerate() {
                        if z[place] < 0.0 {
                            *adjoint *= slopes[place % size];
                        }
                    }
                    add_to(&mut adjoints[*source], &adjoint);
                }
                Operation::Max { source, groups } => {
                    let width = self.size(*source);
                    let z = activations.node(*source);
                    let target = &mut adjoints[*source];
                    target.resize(batch * width, 0.0);
                    for b in 0..batch {
                        let z = &z[b * width..][..width];
                        for (i, group) in groups.iter().enumerate() {
                            target[b * width + first_largest(z, group)] += adjoint[b * size + i];
                        }
                    }
                }
                Operation::Norm { source, groups } => {
                    let width = self.size(*source);
                    let (z, norms) = (activations.node(*source), activations.node(index));
                    let target = &mut adjoints[*source];
                    target.resize(batch * width, 0.0);
                    for b in 0..batch {
                        for (i, group) in groups.iter().enumerate() {
                            let norm = norms[b * size + i];
                            if norm > 0.0 {
                                for &j in group {
                                    let place = b * width + j as usize;
                                    target[place] += adjoint[b * size + i] * (z[place] / norm);
                                }
                            }
                        }
                    }
                }
            }
        }
        let mut gradient = std::mem::take(&mut adjoints[0]);
        gradient.resize(batch * self.input_size(), 0.0);
        gradient
    }

    /// The values of the nodes marked as needed (sources of needed nodes must be marked), on this thread.
    pub(crate) fn evaluate_needed(&self, x: &[f64], batch: usize, needed: &[bool]) -> Activations {
        assert_eq!(x.len(), batch * self.input_size());
        let mut values: Vec<Vec<f64>> = Vec::with_capacity(self.nodes.len());
        values.push(x.to_vec());
        for (node, &needed) in self.nodes.iter().zip(needed).skip(1) {
            if !needed {
                values.push(Vec::new());
                continue;
            }
            let value = match &node.operation {
                Operation::Input => Vec::new(),
                Operation::Affine { terms, bias } => {
                    let mut value = bias.repeat(batch);
                    for (source, matrix) in terms {
                        matrix.add_product(&values[*source], batch, &mut value);
                    }
                    value
                }
                Operation::Kink { source, slopes } => {
                    let mut value = values[*source].clone();
                    for (place, value) in value.iter_mut().enumerate() {
                        if *value < 0.0 {
                            *value *= slopes[place % node.size];
                        }
                    }
                    value
                }
                Operation::Max { source, groups } => {
                    grouped(&values[*source], batch, groups, |z, group| {
                        z[first_largest(z, group)]
                    })
                }
                Operation::Norm { source, groups } => {
                    grouped(&values[*source], batch, groups, euclidean_norm)
                }
            };
            values.push(value);
        }
        Activations { batch, values }
    }

    /// Runs `step(first design, how many, their part of the result)` over chunks of the batch,
    /// on several threads when there is much to do.
    fn by_chunks(
        &self,
        batch: usize,
        width: usize,
        work: usize,
        step: impl Fn(usize, usize, &mut [f64]) + Sync,
    ) -> Vec<f64> {
        let mut out = vec![0.0; batch * width];
        if out.is_empty() {
            return out;
        }
        let chunk = |(index, out): (usize, &mut [f64])| step(index * CHUNK, out.len() / width, out);
        if batch.saturating_mul(work) < PARALLEL_WORK {
            out.chunks_mut(CHUNK * width).enumerate().for_each(chunk);
        } else {
            out.par_chunks_mut(CHUNK * width)
                .enumerate()
                .for_each(chunk);
        }
        out
    }

    /// The multiplications of one forward pass through the marked nodes.
    pub(crate) fn work(&self, needed: &[bool]) -> usize {
        let of = |operation: &Operation| match operation {
            Operation::Affine { terms, .. } => terms.iter().map(|term| term.1.stored()).sum(),
            Operation::Max { groups, .. } | Operation::Norm { groups, .. } => {
                groups.iter().map(Vec::len).sum()
            }
            Operation::Input | Operation::Kink { .. } => 0,
        };
        self.nodes
            .iter()
            .zip(needed)
            .filter(|pair| *pair.1)
            .map(|(node, _)| node.size + of(&node.operation))
            .sum()
    }
}

fn add_to(target: &mut Vec<f64>, values: &[f64]) {
    if target.is_empty() {
        target.extend_from_slice(values);
    } else {
        for (target, value) in target.iter_mut().zip(values) {
            *target += value;
        }
    }
}

fn grouped(
    z: &[f64],
    batch: usize,
    groups: &[Vec<u32>],
    value: impl Fn(&[f64], &[u32]) -> f64,
) -> Vec<f64> {
    let width = z.len() / batch.max(1);
    (0..batch)
        .flat_map(|b| groups.iter().map(move |group| (b, group)))
        .map(|(b, group)| value(&z[b * width..][..width], group))
        .collect()
}

fn first_largest(z: &[f64], group: &[u32]) -> usize {
    let mut best = group[0] as usize;
    for &entry in &group[1..] {
        if z[entry as usize] > z[best] {
            best = entry as usize;
        }
    }
    best
}

/// The norm, scaled by the largest entry where squares could overflow or vanish.
fn euclidean_norm(z: &[f64], group: &[u32]) -> f64 {
    let entries = || group.iter().map(|&j| z[j as usize]);
    let largest = entries().fold(0.0_f64, |largest, z| largest.max(z.abs()));
    if largest == 0.0 || (1e-100..1e100).contains(&largest) {
        return entries().map(|z| z * z).sum::<f64>().sqrt();
    }
    largest
        * entries()
            .map(|z| (z / largest) * (z / largest))
            .sum::<f64>()
            .sqrt()
}
