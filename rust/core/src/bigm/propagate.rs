//! What linear forms say of the neurons at a node of a solver's tree, where some columns have been narrowed.
//!
//! A solver that branches knows a box of the inputs, bounds of every neuron and the sign of some. CROWN with all of that
//! intersected decides more signs, and bounds the objective, than the solver's own rows do one by one.

use super::program::{ColumnOrigin, Entry, Program, RowOrigin};
use crate::bounds::Bounds;
use crate::bounds::crown::{Known, bounds_over, lower_form};
use crate::bounds::designs::Designs;
use crate::bounds::relaxation::Relaxation;
use crate::bounds::rounding::gamma;
use crate::graph::{GraphError, Operation};
use crate::model::Model;

/// A side of a column is only moved by at least this share of its width: solvers treat every change with care.
const WORTHWHILE: f64 = 0.05;

/// Bounds are passed on, and back, wider by this share of their size (or of one): a solver's arithmetic is not exact.
const ROOM: f64 = 1e-9;

/// The bounds are taken this often at most: anew where the threshold has moved a side of an input far.
const CONTRACTIONS: usize = 3;

/// An undecided kink whose columns hold its exact value in every solution: the source and the binary.
struct Unit {
    node: usize,
    entry: usize,
    coefficient: f64,
    constant: f64,
}

/// Narrows columns of a program at the nodes of a solver's tree.
pub struct Propagator {
    model: Model,
    bounds: Bounds,
    units: Vec<Unit>,
    columns: Vec<u32>,
    /// The last node whose entries decide kinks.
    last: Option<usize>,
}

/// What is left at a node.
pub struct Narrowed {
    /// The lower bounds of the watched columns.
    pub lower: Vec<f64>,
    /// The upper bounds of the watched columns.
    pub upper: Vec<f64>,
    /// No design of the node has an objective below this.
    pub least: f64,
}

impl Propagator {
    /// Watches the inputs and the undecided kinks of a program, given bounds of every node that hold throughout.
    ///
    /// Kinks that are encoded with one side only are left alone: a solver may move their columns away from the true values.
    pub fn new(program: &Program, bounds: &Bounds) -> Self {
        let model = program.model.clone();
        let mut columns: Vec<u32> = (0..program.input_size() as u32).collect();
        let below: std::collections::HashSet<(u32, u32)> = program
            .row_origins
            .iter()
            .filter_map(|&origin| match origin {
                RowOrigin::Entry(node, entry, 0) => Some((node, entry)),
                _ => None,
            })
            .collect();
        let mut units = Vec::new();
        for (column, &origin) in program.column_origins.iter().enumerate() {
            let ColumnOrigin::Active(kink, entry) = origin else {
                continue;
            };
            let Operation::Kink { source, .. } = &model.graph.nodes()[kink as usize].operation
            else {
                continue;
            };
            let written = program.entries(*source).get(entry as usize);
            if let Some(&Entry::Column {
                column: value,
                coefficient,
                constant,
            }) = written
                && below.contains(&(kink, entry))
            {
                columns.extend([value, column as u32]);
                units.push(Unit {
                    node: *source,
                    entry: entry as usize,
                    coefficient,
                    constant,
                });
            }
        }
        let last = units.iter().map(|unit| unit.node).max();
        Propagator {
            model,
            bounds: bounds.clone(),
            units,
            columns,
            last,
        }
    }

    /// The columns that are watched: all inputs, then the source and the binary of every kink.
    pub fn columns(&self) -> &[u32] {
        &self.columns
    }

    /// What is left of the watched columns between these bounds where the objective is below `threshold`; none if nothing is.
    ///
    /// # Errors
    /// When a bound is not a number.
    ///
    /// # Panics
    /// When the bounds are not as many as the columns watched.
    pub fn narrow(
        &self,
        lower: &[f64],
        upper: &[f64],
        threshold: f64,
    ) -> Result<Option<Narrowed>, GraphError> {
        let Some(mut known) = self.known_between(lower, upper) else {
            return Ok(None);
        };
        let mut bounds = self.bounds_within(&known)?;
        for _ in 1..CONTRACTIONS {
            if !self.contract(&bounds, threshold, &mut known) {
                break;
            }
            bounds = self.bounds_within(&known)?;
        }
        let (mut narrowed_lower, mut narrowed_upper) = (lower.to_vec(), upper.to_vec());
        let inputs = self.model.input_size();
        let mut narrow = |place: usize, least: f64, most: f64| {
            let worthwhile = WORTHWHILE * (upper[place] - lower[place]);
            if down(least) > lower[place] + worthwhile {
                narrowed_lower[place] = down(least);
            }
            if up(most) < upper[place] - worthwhile {
                narrowed_upper[place] = up(most);
            }
        };
        for i in 0..inputs {
            narrow(i, bounds.lower[0][i], bounds.upper[0][i]);
        }
        for (place, unit) in self.units.iter().enumerate() {
            let place = inputs + 2 * place;
            let (least, most) = (
                bounds.lower[unit.node][unit.entry],
                bounds.upper[unit.node][unit.entry],
            );
            let ends = [least, most].map(|end| (end - unit.constant) / unit.coefficient);
            narrow(place, ends[0].min(ends[1]), ends[0].max(ends[1]));
            if least > 0.0 {
                narrow(place + 1, 1.0, 1.0);
            } else if most < 0.0 {
                narrow(place + 1, 0.0, 0.0);
            }
        }
        // A binary that was pushed to one side is at it.
        for place in (inputs + 1..self.columns.len()).step_by(2) {
            (narrowed_lower[place], narrowed_upper[place]) =
                (narrowed_lower[place].round(), narrowed_upper[place].round());
        }
        let least = self
            .model
            .objective
            .map_or(f64::NEG_INFINITY, |node| bounds.lower[node][0]);
        Ok(Some(Narrowed {
            lower: narrowed_lower,
            upper: narrowed_upper,
            least,
        }))
    }

    /// How much each input's width, between these bounds, makes of the undecided kinks of the last layer; all zero if none is left.
    ///
    /// # Errors
    /// When a bound is not a number.
    ///
    /// # Panics
    /// When the bounds are not as many as the columns watched.
    pub fn influence(&self, lower: &[f64], upper: &[f64]) -> Result<Vec<f64>, GraphError> {
        let inputs = self.model.input_size();
        let mut influence = vec![0.0; inputs];
        if let (Some(last), Some(known)) = (self.last, self.known_between(lower, upper)) {
            let bounds = self.bounds_within(&known)?;
            let open = self.units.iter().filter(|unit| unit.node == last);
            let open: Vec<usize> = open
                .map(|unit| unit.entry)
                .filter(|&entry| bounds.lower[last][entry] < 0.0 && bounds.upper[last][entry] > 0.0)
                .collect();
            let size = self.model.graph.size(last);
            let mut rows = vec![0.0; open.len() * size];
            for (row, &entry) in open.iter().enumerate() {
                rows[row * size + entry] = 1.0;
            }
            let relaxation = Relaxation::up_to(&self.model.graph, &bounds, last);
            let forms = relaxation.below(last, &rows, open.len());
            for row in forms.coefficients.chunks(inputs) {
                for (i, coefficient) in row.iter().enumerate() {
                    influence[i] += coefficient.abs() * (bounds.upper[0][i] - bounds.lower[0][i]);
                }
            }
        }
        Ok(influence)
    }

    /// What is known of every node where the columns lie between these bounds; none where nothing is left.
    fn known_between(&self, lower: &[f64], upper: &[f64]) -> Option<Bounds> {
        assert_eq!(
            (lower.len(), upper.len()),
            (self.columns.len(), self.columns.len())
        );
        let inputs = self.model.input_size();
        let mut known = self.bounds.clone();
        for i in 0..inputs {
            meet(&mut known, (0, i), down(lower[i]), up(upper[i]))?;
        }
        for (place, unit) in self.units.iter().enumerate() {
            let place = inputs + 2 * place;
            let ends =
                [lower[place], upper[place]].map(|end| unit.coefficient * end + unit.constant);
            let mut least = down(ends[0].min(ends[1]));
            let mut most = up(ends[0].max(ends[1]));
            if lower[place + 1] > 0.5 {
                least = least.max(0.0);
            }
            if upper[place + 1] < 0.5 {
                most = most.min(0.0);
            }
            meet(&mut known, (unit.node, unit.entry), least, most)?;
        }
        Some(known)
    }

    /// Bounds of every node with what is known of them.
    fn bounds_within(&self, known: &Bounds) -> Result<Bounds, GraphError> {
        let Bounds { lower, upper } = known;
        let designs = Designs::of_model(&self.model, &lower[0], &upper[0])?;
        let mut over_limits = vec![false; lower.len()];
        self.units
            .iter()
            .for_each(|unit| over_limits[unit.node] = true);
        self.model
            .objective
            .iter()
            .for_each(|&node| over_limits[node] = true);
        let sides = lower.iter().cloned().zip(upper.iter().cloned());
        let known = Known {
            bounds: sides.map(Some).collect(),
            over_limits,
        };
        bounds_over(&self.model.graph, &designs, &known, &[])
    }

    /// Moves the sides of the inputs to where a linear form below the objective reaches the threshold; true if one moved far.
    fn contract(&self, bounds: &Bounds, threshold: f64, known: &mut Bounds) -> bool {
        let Some(objective) = self.model.objective else {
            return false;
        };
        if threshold == f64::INFINITY || bounds.lower[objective][0] >= threshold {
            return false;
        }
        let (form, constant, margin) = lower_form(&self.model.graph, bounds, objective, &[1.0]);
        let (lower, upper) = (&bounds.lower[0], &bounds.upper[0]);
        let ends = |i: usize| (form[i] * lower[i]).min(form[i] * upper[i]);
        let size: f64 = (0..form.len())
            .map(|i| form[i].abs() * lower[i].abs().max(upper[i].abs()))
            .sum();
        let rounding = gamma(form.len() + 2) * (size + constant.abs() + threshold.abs());
        let least = (0..form.len()).map(ends).sum::<f64>() + constant - margin - rounding;
        let room = threshold - least;
        let mut moved = false;
        for (i, &slope) in form.iter().enumerate() {
            let (before, reach) = (upper[i] - lower[i], room / slope.abs());
            if slope == 0.0 || room < 0.0 || reach >= (1.0 - WORTHWHILE) * before {
                continue;
            }
            moved |= if slope > 0.0 {
                meet(known, (0, i), lower[i], up(lower[i] + reach)).is_some()
            } else {
                meet(known, (0, i), down(upper[i] - reach), upper[i]).is_some()
            };
        }
        moved
    }
}

/// Intersects the bounds of an entry; none if nothing is left, and then nothing has changed.
fn meet(bounds: &mut Bounds, (node, entry): (usize, usize), least: f64, most: f64) -> Option<()> {
    let (lower, upper) = (
        &mut bounds.lower[node][entry],
        &mut bounds.upper[node][entry],
    );
    let (least, most) = (lower.max(least), upper.min(most));
    (least <= most).then(|| (*lower, *upper) = (least, most))
}

fn down(value: f64) -> f64 {
    value - ROOM * value.abs().max(1.0)
}

fn up(value: f64) -> f64 {
    value + ROOM * value.abs().max(1.0)
}
