//! Random small models of every kind that the tree over input boxes takes.

#![allow(dead_code)] // every test file uses its part

use std::sync::Arc;

use preimage_core::graph::{Graph, Matrix};
use preimage_core::model::{Domain, Formula, Model, Selection};

use crate::random::Random;

const NEVER: f64 = f64::INFINITY;

/// What the inputs of a model may be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// Whole numbers and catalogues only: all designs can be listed.
    Discrete,
    /// Two values each, and many of them.
    Binary,
    /// Anything, most of it continuous.
    Mixed,
    /// Continuous, in one part that no selection takes apart.
    Plain,
}

struct Maker<'a> {
    random: &'a mut Random,
    kind: Kind,
    /// The size of weights, biases and limits.
    scale: f64,
    graph: Graph,
    domains: Vec<Domain>,
    lower: Vec<f64>,
    upper: Vec<f64>,
    outputs: Vec<usize>,
    requirements: Vec<(u32, Formula)>,
}

/// A random model; without an objective now and then.
pub fn model(random: &mut Random, kind: Kind) -> Model {
    scaled_model(random, kind, 1.0)
}

/// One whose weights have a size of their own.
pub fn scaled_model(random: &mut Random, kind: Kind, scale: f64) -> Model {
    let inputs = match kind {
        Kind::Binary => 4 + random.below(8),
        _ => 1 + random.below(4),
    };
    let mut maker = Maker {
        graph: Graph::new(inputs),
        random,
        kind,
        scale,
        domains: Vec::new(),
        lower: Vec::new(),
        upper: Vec::new(),
        outputs: Vec::new(),
        requirements: Vec::new(),
    };
    (0..inputs).for_each(|_| maker.input());
    let objective = maker.objective(inputs);
    maker.requirements(inputs);
    let selections = maker.selections(inputs);
    let objective = (maker.kind == Kind::Plain || maker.random.below(8) > 0).then_some(objective);
    let graph = Arc::new(maker.graph);
    let (lower, upper, domains) = (maker.lower, maker.upper, maker.domains);
    let requirements = maker.requirements;
    Model::new(
        graph,
        lower,
        upper,
        domains,
        selections,
        requirements,
        objective,
    )
    .unwrap()
}

impl Maker<'_> {
    fn one_in(&mut self, n: usize) -> bool {
        self.random.below(n) == 0
    }

    /// A number with few digits, so that ties and values on kinks occur.
    fn number(&mut self) -> f64 {
        let number = if self.one_in(3) {
            (self.random.below(9) as f64 - 4.0) / 4.0
        } else {
            self.random.signed()
        };
        self.scale * number
    }

    fn numbers(&mut self, count: usize) -> Vec<f64> {
        (0..count).map(|_| self.number()).collect()
    }

    fn input(&mut self) {
        let discrete = match self.kind {
            Kind::Discrete | Kind::Binary => true,
            Kind::Mixed => self.one_in(3),
            Kind::Plain => false,
        };
        let (lower, upper, domain) = if self.kind == Kind::Binary {
            (0.0, 1.0, Domain::Integer)
        } else if !discrete {
            let lower = -1.5 * self.random.unit();
            (lower, lower.max(0.0) + 1.5, Domain::Continuous)
        } else if self.one_in(3) {
            (
                -1.0,
                2.0,
                Domain::Catalogue(vec![-0.75, 0.0, 0.1, 0.3, 1.5]),
            )
        } else {
            let lower = -(self.random.below(3) as f64);
            (
                lower,
                lower + 1.0 + self.random.below(4) as f64,
                Domain::Integer,
            )
        };
        self.lower.push(lower);
        self.upper.push(upper);
        self.domains.push(domain);
    }

    fn affine(&mut self, source: usize, rows: usize, used: &[bool]) -> usize {
        let columns = self.graph.size(source);
        let mut data = self.numbers(rows * columns);
        for (place, weight) in data.iter_mut().enumerate() {
            if !used.is_empty() && !used[place % columns] {
                *weight = 0.0;
            }
        }
        let bias = self.numbers(rows);
        let matrix = Arc::new(Matrix::dense(rows, columns, data).unwrap());
        self.graph.affine(vec![(source, matrix)], bias).unwrap()
    }

    /// One or more networks that may share no input, each with a term of its own in the objective.
    fn objective(&mut self, inputs: usize) -> usize {
        let parts = match self.kind {
            Kind::Plain => 1,
            _ => 1 + self.random.below(3.min(inputs)),
        };
        let shared = self.kind != Kind::Plain && self.one_in(4);
        let mut terms = Vec::new();
        for part in 0..parts {
            let used: Vec<bool> = (0..inputs)
                .map(|i| shared || i % parts == part || self.kind == Kind::Plain)
                .collect();
            let output = self.network(&used);
            self.outputs.push(output);
            let term = self.term(output);
            let weight = if self.one_in(12) {
                0.0
            } else {
                term.1 * (0.25 + self.random.unit())
            };
            terms.push((term.0, Arc::new(Matrix::dense(1, 1, vec![weight]).unwrap())));
        }
        self.graph.affine(terms, vec![0.5]).unwrap()
    }

    fn network(&mut self, used: &[bool]) -> usize {
        let width = 2 + self.random.below(4);
        let mut last = self.affine(0, width, used);
        for _ in 0..1 + self.random.below(3) {
            let size = self.graph.size(last);
            let slopes = (0..size)
                .map(|_| [0.0, 0.0, 0.1, -1.0, 1.5, 2.0][self.random.below(6)])
                .collect();
            last = self.graph.kink(last, slopes).unwrap();
            if self.one_in(5) {
                let all = (0..size as u32).collect();
                last = self
                    .graph
                    .max(last, vec![vec![0, size as u32 - 1], all, vec![0]])
                    .unwrap();
            }
            let width = 1 + self.random.below(4);
            last = self.affine(last, width, &[]);
        }
        last
    }

    /// A measure of an output, and the sign with which it is minimised.
    fn term(&mut self, output: usize) -> (usize, f64) {
        let size = self.graph.size(output);
        let sign = if self.one_in(3) { -1.0 } else { 1.0 };
        match self.random.below(5) {
            0 | 1 => {
                let sizes = self.graph.absolute(output).unwrap();
                let weights = (0..size).map(|_| 0.5 + self.random.unit()).collect();
                let matrix = Arc::new(Matrix::dense(1, size, weights).unwrap());
                let sum = self.graph.affine(vec![(sizes, matrix)], vec![0.0]);
                (sum.unwrap(), sign)
            }
            2 => {
                let sizes = self.graph.absolute(output).unwrap();
                let all = vec![(0..size as u32).collect()];
                (self.graph.max(sizes, all).unwrap(), sign)
            }
            3 => {
                let all = vec![(0..size as u32).collect()];
                (self.graph.norm(output, all).unwrap(), 1.0)
            }
            _ => (self.affine(output, 1, &[]), sign),
        }
    }

    fn requirements(&mut self, inputs: usize) {
        let input_rows = [0, 0, 1, 1, 2, 3][self.random.below(6)];
        for _ in 0..input_rows {
            let condition = self.on_inputs(inputs);
            self.require(condition);
        }
        if self.one_in(3) {
            let condition = self.formula(2);
            self.require(condition);
        }
        if self.kind != Kind::Binary && self.one_in(6) {
            let output = self.outputs[0];
            let all = vec![(0..self.graph.size(output) as u32).collect()];
            let norm = self.graph.norm(output, all).unwrap();
            let limit = 0.5 + self.random.unit();
            self.require(within(norm, -NEVER, limit, 1));
        }
    }

    fn require(&mut self, formula: Formula) {
        self.requirements
            .push((self.requirements.len() as u32, formula));
    }

    /// A linear condition on the inputs: a sum of whole numbers, an equation or an inequality.
    fn on_inputs(&mut self, inputs: usize) -> Formula {
        let total = self.random.below(4) as f64;
        if self.kind != Kind::Mixed && self.kind != Kind::Plain || self.one_in(2) {
            let ones = Arc::new(Matrix::dense(1, inputs, vec![1.0; inputs]).unwrap());
            let sum = self.graph.affine(vec![(0, ones)], vec![0.0]).unwrap();
            return match self.random.below(3) {
                0 => within(sum, total, total, 1),
                1 => within(sum, -NEVER, total, 1),
                _ => within(sum, total - 1.0, total, 1),
            };
        }
        let row = self.affine(0, 1, &[]);
        let side = self.number() / 2.0;
        if self.one_in(3) {
            within(row, side, side, 1)
        } else {
            within(row, -NEVER, side, 1)
        }
    }

    fn formula(&mut self, depth: usize) -> Formula {
        if depth == 0 || self.one_in(3) {
            let node = self.outputs[self.random.below(self.outputs.len())];
            let (lower, size) = (-0.7 + 0.5 * self.number(), self.graph.size(node));
            return match self.random.below(3) {
                0 => within(node, lower, NEVER, size),
                1 => within(node, -NEVER, lower + 1.0, size),
                _ => within(node, lower, lower + 1.5, size),
            };
        }
        let parts = (0..2).map(|_| self.formula(depth - 1)).collect();
        if self.one_in(3) {
            Formula::All(parts)
        } else {
            Formula::Any(parts)
        }
    }

    /// One or two selections of single inputs or of groups that may overlap.
    fn selections(&mut self, inputs: usize) -> Vec<Selection> {
        if self.kind == Kind::Plain || self.one_in(2) {
            return Vec::new();
        }
        let count = if self.kind == Kind::Binary {
            1
        } else {
            1 + self.random.below(2)
        };
        let mut selections = Vec::new();
        for _ in 0..count {
            let size = 1 + self.random.below(2);
            let groups: Vec<Vec<usize>> = if self.one_in(4) {
                (0..inputs.saturating_sub(1))
                    .map(|i| vec![i, i + 1])
                    .collect()
            } else {
                (0..inputs)
                    .step_by(size)
                    .map(|i| (i..inputs.min(i + size)).collect())
                    .collect()
            };
            let at_most = self.random.below(groups.len() + 1);
            selections.push(Selection {
                groups,
                at_least: 0,
                at_most,
            });
        }
        selections
    }
}

fn within(node: usize, lower: f64, upper: f64, size: usize) -> Formula {
    Formula::Within {
        node,
        lower: vec![lower; size],
        upper: vec![upper; size],
    }
}
