//! A reduced network, written as a graph: a node for every layer of symbols, and one for every shape of caps.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Compact;
use crate::bounds::rounding::gamma;
use crate::branch::build::{Builder, Value};
use crate::branch::cap::Shape;
use crate::graph::{Graph, GraphError, Matrix, Operation};
use crate::model::{Formula, Model};

/// A model with a larger difference is not worth having: its bounds would show it.
const LARGEST_DIFFERENCE: f64 = 1e-7;

/// A matrix with at most this share of nonzeros is stored sparse.
const SPARSE: f64 = 0.25;

/// Units of the smaller graph: a node, and the columns of the rows that are its entries.
struct Block {
    node: usize,
    first: usize,
    count: usize,
}

/// The smaller graph, in the making.
pub struct Writer<'a> {
    builder: Builder<'a>,
    graph: Graph,
    /// The inputs and the symbols, by column of the rows.
    blocks: Vec<Block>,
    /// The caps, by number.
    cap_blocks: Vec<Block>,
    /// By cap, its place among the columns of `cap_blocks`.
    cap_places: Vec<usize>,
    /// How far symbols and caps are from the units that they stand for.
    differences: Vec<f64>,
    cap_differences: Vec<f64>,
}

impl<'a> Writer<'a> {
    /// Writes the units, layer after layer.
    pub fn write(builder: Builder<'a>, inputs: usize) -> Result<Self, GraphError> {
        let mut writer = Writer {
            graph: Graph::new(inputs),
            blocks: vec![Block {
                node: 0,
                first: 0,
                count: inputs,
            }],
            cap_blocks: Vec::new(),
            cap_places: vec![0; builder.caps.len()],
            differences: Vec::new(),
            cap_differences: vec![0.0; builder.caps.len()],
            builder,
        };
        writer.symbols()?;
        writer.caps()?;
        Ok(writer)
    }

    fn symbols(&mut self) -> Result<(), GraphError> {
        for layer in self.builder.network.layers.clone() {
            let count = layer.rows.count();
            let symbols = self.builder.network.symbols[layer.first..][..count].to_vec();
            let found: Vec<f64> = (symbols.iter().enumerate())
                .map(|(r, symbol)| {
                    let row = layer.rows.row(r);
                    let z = self.difference(row, symbol.error, symbol.magnitude);
                    symbol.slope.abs().max(1.0) * z + gamma(1) * symbol.reach()
                })
                .collect();
            let rows: Vec<&[f64]> = (0..count).map(|r| layer.rows.row(r)).collect();
            let z = self.affine(&rows, &[])?;
            let slopes = symbols.iter().map(|symbol| symbol.slope).collect();
            let node = self.graph.kink(z, slopes)?;
            self.differences.extend(found);
            self.blocks.push(Block {
                node,
                first: self.builder.network.base() + layer.first,
                count,
            });
        }
        Ok(())
    }

    /// The caps of one shape share a node.
    fn caps(&mut self) -> Result<(), GraphError> {
        let caps = self.builder.caps.clone();
        let cap_rows = self.builder.network.cap_rows.clone();
        let mut columns = 0;
        for kind in [Shape::Kink(0.0), Shape::Norm, Shape::Largest] {
            let same =
                |shape: Shape| std::mem::discriminant(&shape) == std::mem::discriminant(&kind);
            let chosen: Vec<usize> = (0..caps.len()).filter(|&c| same(caps[c].shape)).collect();
            if chosen.is_empty() {
                continue;
            }
            let (mut rows, mut groups, mut slopes) = (Vec::new(), Vec::new(), Vec::new());
            for (place, &c) in chosen.iter().enumerate() {
                let range = caps[c].range();
                let first = rows.len() as u32;
                groups.push((first..first + range.len() as u32).collect::<Vec<u32>>());
                rows.extend(range.clone().map(|r| cap_rows.rows.row(r)));
                let each = range.clone().map(|r| {
                    self.difference(
                        cap_rows.rows.row(r),
                        cap_rows.error[r],
                        cap_rows.magnitude[r],
                    )
                });
                let size: f64 = range.clone().map(|r| cap_rows.magnitude[r]).sum();
                self.cap_differences[c] = match caps[c].shape {
                    Shape::Kink(slope) => {
                        slopes.push(slope);
                        slope.abs().max(1.0) * (each.sum::<f64>() + gamma(1) * size)
                    }
                    Shape::Norm => each.sum::<f64>() + gamma(range.len()) * size,
                    Shape::Largest => each.fold(0.0, f64::max),
                };
                self.cap_places[c] = columns + place;
            }
            let z = self.affine(&rows, &[])?;
            let node = match kind {
                Shape::Kink(_) => self.graph.kink(z, slopes)?,
                Shape::Norm => self.graph.norm(z, groups)?,
                Shape::Largest => self.graph.max(z, groups)?,
            };
            self.cap_blocks.push(Block {
                node,
                first: columns,
                count: chosen.len(),
            });
            columns += chosen.len();
        }
        Ok(())
    }

    /// How far the value of a row in the smaller graph may be from what the row stands for in the first one.
    fn difference(&self, row: &[f64], error: f64, magnitude: f64) -> f64 {
        let units = row.iter().skip(self.builder.network.base());
        let through: f64 = units.zip(&self.differences).map(|(q, d)| q.abs() * d).sum();
        error + through + gamma(2 * row.len()) * magnitude
    }

    /// Adds rows over inputs and symbols, and over caps where there are some.
    fn affine(&mut self, rows: &[&[f64]], caps: &[&[f64]]) -> Result<usize, GraphError> {
        let constant = self.builder.network.inputs;
        let at = |row: &[f64], column: usize| row.get(column).copied().unwrap_or(0.0);
        let mut terms = Vec::new();
        for block in &self.blocks {
            let entry = |r: usize, c: usize| at(rows[r], block.first + c);
            terms.extend(term(block, rows.len(), entry)?);
        }
        for block in self.cap_blocks.iter().filter(|_| !caps.is_empty()) {
            let mut numbers = vec![0; block.count];
            for (cap, &place) in self.cap_places.iter().enumerate() {
                if (block.first..block.first + block.count).contains(&place) {
                    numbers[place - block.first] = cap;
                }
            }
            let entry = |r: usize, c: usize| at(caps[r], numbers[c]);
            terms.extend(term(block, rows.len(), entry)?);
        }
        let bias = rows.iter().map(|row| at(row, constant)).collect();
        self.graph.affine(terms, bias)
    }

    /// The differences of the entries of a value.
    fn differences_of(&self, value: &Value) -> Vec<f64> {
        let marked = &value.marked;
        (0..marked.rows.count())
            .map(|r| {
                let own = self.difference(marked.rows.row(r), marked.error[r], marked.magnitude[r]);
                let caps = (0..value.caps.width).map(|c| {
                    let q = value.caps.row(r)[c].abs();
                    q * (self.cap_differences[c]
                        + gamma(2 * value.caps.width) * self.builder.cap_reach[c])
                });
                own + caps.sum::<f64>()
            })
            .collect()
    }

    /// Adds the objective and what is required; None if the difference is too large.
    pub fn finish(mut self, model: &Model) -> Result<Option<Compact>, GraphError> {
        let mut copied = BTreeMap::from([(0, 0)]);
        let (mut places, mut difference) = (BTreeMap::new(), 0.0);
        for node in model.judged_nodes() {
            let place = if is_affine(&model.graph, node) {
                let zeros = vec![0.0; model.graph.size(node)];
                (self.copy(&model.graph, node, &mut copied)?, zeros)
            } else {
                let value = std::mem::take(&mut self.builder.values[node]);
                if value.marked.error.is_empty() {
                    // Nothing limits any of its entries.
                    continue;
                }
                let differences = self.differences_of(&value);
                if !differences.iter().all(|d| *d <= LARGEST_DIFFERENCE) {
                    return Ok(None);
                }
                if model.objective == Some(node) {
                    difference = differences[0];
                }
                let rows: Vec<&[f64]> = (0..differences.len())
                    .map(|r| value.marked.rows.row(r))
                    .collect();
                let caps: Vec<&[f64]> = if value.caps.width == 0 {
                    Vec::new()
                } else {
                    (0..differences.len()).map(|r| value.caps.row(r)).collect()
                };
                (self.affine(&rows, &caps)?, differences)
            };
            places.insert(node, place);
        }
        let objective = model
            .objective
            .and_then(|node| places.get(&node))
            .map(|place| place.0);
        if let Some(node) = objective {
            self.graph.set_output(node)?;
        }
        let graph = Arc::new(self.graph);
        let with = |factor: f64| Model {
            graph: graph.clone(),
            requirements: (model.requirements.iter())
                .map(|(label, formula)| (*label, moved(formula, &places, factor)))
                .collect(),
            objective,
            ..model.clone()
        };
        Ok(Some(Compact {
            model: with(0.0),
            outer: with(1.0),
            difference,
            decided: self.builder.decided,
        }))
    }

    /// Takes over a node, with all that it reads.
    fn copy(
        &mut self,
        graph: &Graph,
        node: usize,
        copied: &mut BTreeMap<usize, usize>,
    ) -> Result<usize, GraphError> {
        let needed = graph.ancestors(node);
        for (index, source) in graph.nodes().iter().enumerate().take(node + 1) {
            if let Operation::Affine { terms, bias } = &source.operation
                && needed[index]
                && !copied.contains_key(&index)
            {
                let terms = terms
                    .iter()
                    .map(|(from, matrix)| (copied[from], matrix.clone()));
                let place = self.graph.affine(terms.collect(), bias.clone())?;
                copied.insert(index, place);
            }
        }
        Ok(copied[&node])
    }
}

/// Whether a node reads the inputs by affine maps alone.
fn is_affine(graph: &Graph, node: usize) -> bool {
    let needed = graph.ancestors(node);
    (graph.nodes().iter().zip(needed)).all(|(node, needed)| {
        !needed || matches!(node.operation, Operation::Input | Operation::Affine { .. })
    })
}

/// The matrix of a block, dense or sparse as it is cheaper; nothing if all of it is zero.
fn term(
    block: &Block,
    rows: usize,
    entry: impl Fn(usize, usize) -> f64,
) -> Result<Option<(usize, Arc<Matrix>)>, GraphError> {
    let data: Vec<f64> = (0..rows * block.count)
        .map(|k| entry(k / block.count, k % block.count))
        .collect();
    let nonzeros = data.iter().filter(|v| **v != 0.0).count();
    if nonzeros == 0 {
        return Ok(None);
    }
    let matrix = if nonzeros as f64 > SPARSE * data.len() as f64 {
        Matrix::dense(rows, block.count, data)?
    } else {
        let (mut starts, mut indices, mut values) = (vec![0], Vec::new(), Vec::new());
        for row in data.chunks_exact(block.count) {
            for (column, &value) in row.iter().enumerate().filter(|(_, v)| **v != 0.0) {
                indices.push(column as u32);
                values.push(value);
            }
            starts.push(indices.len());
        }
        Matrix::sparse(rows, block.count, starts, indices, values)?
    };
    Ok(Some((block.node, Arc::new(matrix))))
}

/// The formula on the nodes of the smaller graph, its limits moved outward by multiples of the differences.
fn moved(formula: &Formula, places: &BTreeMap<usize, (usize, Vec<f64>)>, factor: f64) -> Formula {
    let each = |parts: &[Formula]| {
        parts
            .iter()
            .map(|part| moved(part, places, factor))
            .collect()
    };
    match formula {
        Formula::All(parts) => Formula::All(each(parts)),
        Formula::Any(parts) => Formula::Any(each(parts)),
        Formula::Within { node, lower, upper } => match places.get(node) {
            None => Formula::All(Vec::new()),
            Some((place, by)) => {
                let limits = |limits: &[f64], sign: f64| {
                    let pairs = limits.iter().zip(by);
                    pairs.map(|(l, d)| outward(*l, sign * factor * d)).collect()
                };
                Formula::Within {
                    node: *place,
                    lower: limits(lower, -1.0),
                    upper: limits(upper, 1.0),
                }
            }
        },
    }
}

/// A limit moved, and no less far for rounding.
fn outward(limit: f64, by: f64) -> f64 {
    if by == 0.0 {
        limit
    } else if by > 0.0 {
        (limit + by).next_up()
    } else {
        (limit + by).next_down()
    }
}
