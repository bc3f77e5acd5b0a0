//! The graph: affine entries, kinks, maxima and norms.

use super::builder::Builder;
use super::polarity::{Activity, LOWER, Need, UPPER, activity, contenders, needs_sign};
use super::program::{ColumnKind, ColumnOrigin, Cone, Entry, RowOrigin};
use super::{EncodeError, Formulation};
use crate::bounds::lines::{GroupLine, kink_lines, max_lines, norm_lines};
use crate::graph::Operation;

const INFINITY: f64 = f64::INFINITY;

/// A node, and an entry of it.
type Place = (usize, usize);

impl Builder<'_> {
    /// Encodes what is needed of every node behind the inputs.
    pub fn operations(&mut self) -> Result<(), EncodeError> {
        let model = self.model;
        for (index, node) in model.graph.nodes().iter().enumerate().skip(1) {
            let needs = std::mem::take(&mut self.needs[index]);
            if needs.iter().all(|need| need.sides == 0) {
                continue;
            }
            let mut entries = Vec::with_capacity(node.size);
            for (entry, &need) in needs.iter().enumerate() {
                let place = (index, entry);
                entries.push(match &node.operation {
                    _ if need.sides == 0 => Entry::Absent,
                    Operation::Input => Entry::Absent,
                    Operation::Affine { .. } => self.affine(place, need),
                    Operation::Kink { source, slopes } => {
                        self.kink(place, (*source, entry), slopes[entry], need)
                    }
                    Operation::Max { source, groups } => {
                        self.maximum(place, *source, &groups[entry], need)
                    }
                    Operation::Norm { source, groups } => {
                        self.norm(place, *source, &groups[entry], need)
                    }
                });
            }
            self.program.entries[index] = entries;
        }
        Ok(())
    }

    /// Writes the objective over columns.
    pub fn objective(&mut self) {
        if let Some(node) = self.model.objective {
            self.add_entry(self.entry(node, 0), 1.0);
            for (column, coefficient) in self.row.terms() {
                self.program.column_objective[column as usize] = coefficient;
            }
            self.program.offset = self.row.constant;
            self.row.clear();
        }
    }

    fn limits(&self, (node, entry): Place) -> (f64, f64) {
        (
            self.bounds.lower[node][entry],
            self.bounds.upper[node][entry],
        )
    }

    fn value(&mut self, place: Place, lower: f64, upper: f64) -> Entry {
        let origin = ColumnOrigin::Value(place.0 as u32, place.1 as u32);
        whole(self.column(ColumnKind::Continuous, lower, upper, origin))
    }

    fn affine(&mut self, place: Place, need: Need) -> Entry {
        let inline = Entry::Inline {
            node: place.0 as u32,
            entry: place.1 as u32,
            coefficient: 1.0,
        };
        self.add_entry(inline, 1.0);
        let constant = self.row.constant;
        let mut terms = self.row.terms();
        let alias = match (terms.next(), terms.next()) {
            (None, _) => Some(Entry::Constant(constant)),
            (Some((column, coefficient)), None) => Some(Entry::Column {
                column,
                coefficient,
                constant,
            }),
            _ if need.uses < 2 => Some(inline),
            _ => None,
        };
        drop(terms);
        if let Some(alias) = alias {
            self.row.clear();
            return alias;
        }
        let (lower, upper) = self.limits(place);
        let value = self.value(place, lower, upper);
        self.add_entry(value, -1.0);
        self.finish_row(0.0, 0.0, row(place, 0));
        value
    }

    fn kink(&mut self, place: Place, source: Place, slope: f64, need: Need) -> Entry {
        let (lower, upper) = self.limits(source);
        let decided = match activity(slope, lower, upper) {
            // Nothing was asked of the source.
            Activity::Multiple(0.0) => return Entry::Constant(0.0),
            Activity::Multiple(factor) => Some(factor),
            Activity::Undecided => None,
        };
        let z = self.entry(source.0, source.1);
        if let Some(factor) = decided {
            return z.scaled(factor);
        }
        if let Entry::Constant(value) = z {
            return Entry::Constant(if value < 0.0 { slope * value } else { value });
        }
        if self.formulation == Formulation::Sos1 && needs_sign(slope, need.sides) {
            return self.parts(place, z, slope, lower, upper);
        }
        let (least, largest) = self.kink_range(place, slope, lower, upper);
        let y = self.value(place, least, largest);
        // A convex kink is the larger of its two pieces, a concave one the smaller; what is said of the convex
        // one holds of the other with all signs turned.
        let convex = slope < 1.0;
        let side = |value: f64| {
            if convex {
                (value, INFINITY)
            } else {
                (-INFINITY, -value)
            }
        };
        if need.sides & if convex { LOWER } else { UPPER } != 0 {
            self.difference(y, z, 1.0, None, side(0.0), row(place, 0));
            if slope != 0.0 {
                self.difference(y, z, slope, None, side(0.0), row(place, 1));
            }
        }
        if needs_sign(slope, need.sides) && self.formulation == Formulation::Lines {
            let (below, above) = kink_lines(slope, lower, upper, None);
            let (chord, intercept) = if convex { above } else { below };
            let limits = if convex {
                (-INFINITY, intercept)
            } else {
                (intercept, INFINITY)
            };
            self.difference(y, z, chord, None, limits, row(place, 4));
        } else if needs_sign(slope, need.sides) {
            let active = self.binary(ColumnOrigin::Active(place.0 as u32, place.1 as u32));
            let (above, below) = (gap(slope, upper), gap(slope, lower));
            let side = |value: f64| {
                if convex {
                    (-INFINITY, value)
                } else {
                    (value, INFINITY)
                }
            };
            self.difference(y, z, slope, Some((active, above)), side(0.0), row(place, 2));
            self.difference(
                y,
                z,
                1.0,
                Some((active, below)),
                side(-below),
                row(place, 3),
            );
        }
        y
    }

    /// What is proved of an undecided kink, by its own bounds and by those of its source.
    fn kink_range(&self, place: Place, slope: f64, lower: f64, upper: f64) -> (f64, f64) {
        let end = slope * lower;
        let below = if end < 0.0 { end.next_down() } else { 0.0 };
        let above = if end > upper { end.next_up() } else { upper };
        let (least, largest) = self.limits(place);
        (least.max(below), largest.min(above))
    }

    /// Adds the row `lower <= y - factor * z - coefficient * binary <= upper`.
    fn difference(
        &mut self,
        y: Entry,
        z: Entry,
        factor: f64,
        binary: Option<(u32, f64)>,
        (lower, upper): (f64, f64),
        origin: RowOrigin,
    ) {
        self.add_entry(y, 1.0);
        self.add_entry(z, -factor);
        if let Some((binary, coefficient)) = binary {
            self.row.add(binary, -coefficient);
        }
        self.finish_row(lower, upper, origin);
    }

    /// `z = p - n`, `y = p - slope * n`, and `p` or `n` is zero.
    fn parts(&mut self, place: Place, z: Entry, slope: f64, lower: f64, upper: f64) -> Entry {
        let (node, entry) = (place.0 as u32, place.1 as u32);
        let above = self.column(
            ColumnKind::Continuous,
            0.0,
            upper,
            ColumnOrigin::Above(node, entry),
        );
        let below = self.column(
            ColumnKind::Continuous,
            0.0,
            -lower,
            ColumnOrigin::Below(node, entry),
        );
        self.program.sos1.push([above, below]);
        self.add_entry(z, 1.0);
        self.short_row(&[(above, -1.0), (below, 1.0)], 0.0, 0.0, row(place, 0));
        if slope == 0.0 {
            return whole(above);
        }
        let (least, largest) = self.kink_range(place, slope, lower, upper);
        let y = self.value(place, least, largest);
        self.add_entry(y, 1.0);
        self.short_row(&[(above, -1.0), (below, slope)], 0.0, 0.0, row(place, 1));
        y
    }

    fn maximum(&mut self, place: Place, source: usize, group: &[u32], need: Need) -> Entry {
        let bounds = self.unconditional;
        let (lower, upper) = (&bounds.lower[source], &bounds.upper[source]);
        let members = contenders(group, lower, upper);
        if let [member] = members[..] {
            return self.entry(source, member as usize);
        }
        let z = |builder: &Self, member: u32| builder.entry(source, member as usize);
        let largest = |except: Option<u32>| {
            let others = members.iter().filter(|&&member| Some(member) != except);
            others.fold(f64::NEG_INFINITY, |largest, &member| {
                largest.max(upper[member as usize])
            })
        };
        let least = members.iter().fold(f64::NEG_INFINITY, |least, &member| {
            least.max(lower[member as usize])
        });
        let limits = self.limits(place);
        let y = self.value(place, limits.0.max(least), limits.1.min(largest(None)));
        let mut part = 0;
        if need.sides & LOWER != 0 {
            for &member in &members {
                self.difference(
                    y,
                    z(self, member),
                    1.0,
                    None,
                    (0.0, INFINITY),
                    row(place, part),
                );
                part += 1;
            }
        }
        if need.sides & UPPER != 0 && self.formulation == Formulation::Lines {
            let (_, above) = max_lines(&members, lower, upper);
            self.beside_line(
                y,
                source,
                &above,
                (-INFINITY, above.intercept),
                row(place, part),
            );
        } else if need.sides & UPPER != 0 {
            // The last member is taken where none of the others is: it needs no binary.
            let (node, entry) = (place.0 as u32, place.1 as u32);
            let mut choice = Vec::with_capacity(members.len() - 1);
            for &member in &members {
                let room = outward(largest(Some(member)) - lower[member as usize]);
                self.add_entry(y, 1.0);
                self.add_entry(z(self, member), -1.0);
                if choice.len() + 1 < members.len() {
                    let taken = self.binary(ColumnOrigin::Largest(node, entry, member));
                    choice.push((taken, 1.0));
                    self.short_row(&[(taken, room)], -INFINITY, room, row(place, part));
                } else {
                    let others: Vec<_> = choice.iter().map(|&(other, _)| (other, -room)).collect();
                    self.short_row(&others, -INFINITY, 0.0, row(place, part));
                }
                part += 1;
            }
            if choice.len() > 1 {
                self.short_row(&choice, -INFINITY, 1.0, row(place, part));
            }
        }
        y
    }

    /// Adds the row `lower <= y - line <= upper`, without the intercept of the line.
    fn beside_line(
        &mut self,
        y: Entry,
        source: usize,
        line: &GroupLine,
        (lower, upper): (f64, f64),
        origin: RowOrigin,
    ) {
        self.add_entry(y, 1.0);
        for &(member, slope) in &line.terms {
            self.add_entry(self.entry(source, member as usize), -slope);
        }
        self.finish_row(lower, upper, origin);
    }

    fn norm(&mut self, place: Place, source: usize, group: &[u32], need: Need) -> Entry {
        let (lower, upper) = self.limits(place);
        if self.formulation == Formulation::Lines {
            let (below, above) = norm_lines(group, source, self.bounds, upper);
            let y = self.value(place, lower, upper);
            if need.sides & LOWER != 0 {
                self.beside_line(
                    y,
                    source,
                    &below,
                    (below.intercept, INFINITY),
                    row(place, 0),
                );
            }
            if need.sides & UPPER != 0 {
                self.beside_line(
                    y,
                    source,
                    &above,
                    (-INFINITY, above.intercept),
                    row(place, 1),
                );
            }
            return y;
        }
        let apex = self.column(
            ColumnKind::Continuous,
            lower.max(0.0),
            upper.max(0.0),
            ColumnOrigin::Value(place.0 as u32, place.1 as u32),
        );
        let mut members = Vec::with_capacity(group.len());
        for &member in group {
            let z = self.entry(source, member as usize);
            members.push(match z {
                Entry::Constant(0.0) => continue,
                Entry::Column {
                    column,
                    coefficient,
                    constant: 0.0,
                } if coefficient.abs() == 1.0 => column,
                _ => self.part(
                    (source, member as usize),
                    z,
                    row(place, members.len() as u32),
                ),
            });
        }
        self.program.cones.push(Cone { apex, members });
        whole(apex)
    }

    /// A copy of an entry in a column of its own: cones are made of columns.
    fn part(&mut self, source: Place, z: Entry, origin: RowOrigin) -> u32 {
        let (lower, upper) = self.limits(source);
        let (node, entry) = (source.0 as u32, source.1 as u32);
        let copy = self.column(
            ColumnKind::Continuous,
            lower,
            upper,
            ColumnOrigin::Part(node, entry),
        );
        self.add_entry(z, 1.0);
        self.short_row(&[(copy, -1.0)], 0.0, 0.0, origin);
        copy
    }
}

/// The entry that is just a column.
fn whole(column: u32) -> Entry {
    Entry::Column {
        column,
        coefficient: 1.0,
        constant: 0.0,
    }
}

fn row(place: Place, part: u32) -> RowOrigin {
    RowOrigin::Entry(place.0 as u32, place.1 as u32, part)
}

/// `(1 - slope) * value`, rounded away from zero: at least as far from it as the exact product.
fn gap(slope: f64, value: f64) -> f64 {
    let product = (1.0 - slope) * value;
    // Both steps are exact for these two slopes.
    if slope == 0.0 || slope == -1.0 {
        product
    } else {
        outward(product)
    }
}

/// A number that is off by one or two roundings (half a unit each), moved away from zero by more than that.
fn outward(value: f64) -> f64 {
    value * (1.0 + 2.0 * f64::EPSILON)
}
