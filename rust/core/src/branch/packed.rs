//! Networks of boxes that wait for long: what was decided is kept, and not the rows that follow from it.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::account::Account;
use super::cell::Cell;
use super::derive::{Decided, Substitution};
use super::kernel::Rows;
use super::reduced::{Kept, Layer, MarkedRows, Reduced};
use super::slopes::Slopes;
use super::symbol::Symbol;

/// The side of its kink that a symbol is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Either.
    Undecided,
    /// Nowhere above zero.
    Below,
    /// Nowhere below zero.
    Above,
}

/// How a network follows from that of the whole box.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// The side of each symbol of the first network, by origin; empty where no history is kept.
    pub sides: Vec<Side>,
    /// The sides that splits at kinks demand, by origin, in their order.
    pub demands: Vec<(u32, Side)>,
}

impl History {
    /// That of the network of a whole box.
    pub fn new(symbols: &[Symbol]) -> Self {
        let count = symbols.iter().map(|s| s.origin as usize + 1).max();
        History {
            sides: vec![Side::Undecided; count.unwrap_or(0)],
            demands: Vec::new(),
        }
    }

    /// Takes note of a side.
    pub fn decide(&mut self, symbol: &Symbol, side: Side) {
        if let Some(known) = self.sides.get_mut(symbol.origin as usize) {
            *known = side;
        }
    }
}

/// What a network can be made again from; its bytes are on an account while it lives.
#[derive(Debug)]
pub struct Packed {
    history: History,
    /// The bounds of the symbols that are undecided.
    ranges: Box<[(f64, f64)]>,
    account: Arc<Account>,
}

impl Packed {
    /// Packs a network that has a history.
    pub fn new(network: &Reduced, account: &Arc<Account>) -> Arc<Self> {
        let packed = Packed {
            history: network.history.clone(),
            ranges: network.symbols.iter().map(|s| (s.lower, s.upper)).collect(),
            account: account.clone(),
        };
        account
            .bytes_packed
            .fetch_add(packed.bytes(), Ordering::Relaxed);
        Arc::new(packed)
    }

    fn bytes(&self) -> usize {
        size_of::<Self>()
            + self.history.sides.len()
            + size_of_val(&self.history.demands[..])
            + size_of_val(&self.ranges[..])
    }
}

impl Drop for Packed {
    fn drop(&mut self) {
        self.account
            .bytes_packed
            .fetch_sub(self.bytes(), Ordering::Relaxed);
    }
}

/// Where the network of a box comes from.
#[derive(Clone, Debug)]
pub enum Source {
    /// It is there.
    Kept(Arc<Kept>),
    /// It has to be made again.
    Packed(Arc<Packed>),
}

impl Source {
    /// The network, for a box inside its own; `root` is that of the whole box.
    pub fn network(&self, root: &Reduced, cell: &Cell, account: &Arc<Account>) -> Arc<Kept> {
        match self {
            Source::Kept(network) => network.clone(),
            Source::Packed(packed) => Kept::new(root.unpack(packed, cell), account),
        }
    }
}

impl Reduced {
    /// The network of a smaller box, from what was decided there.
    fn unpack(&self, packed: &Packed, cell: &Cell) -> Reduced {
        let (reach, history) = (cell.reach(), &packed.history);
        let mut child = Reduced::new(self.inputs);
        child.caps = self.caps.clone();
        let mut substitution = Substitution::new(self);
        let mut ranges = packed.ranges.iter();
        let mut demanded = vec![(Vec::new(), 0.0); history.demands.len()];
        for layer in &self.layers {
            let own = &self.symbols[layer.first..][..layer.rows.count()];
            let side_of = |symbol: &Symbol| history.sides[symbol.origin as usize];
            let demands_of = |symbol: &Symbol| {
                let origin = symbol.origin;
                (history.demands.iter().enumerate())
                    .filter(move |(_, (demanded, _))| *demanded == origin)
            };
            let needed: Vec<usize> = (0..own.len())
                .filter(|&k| {
                    side_of(&own[k]) != Side::Below
                        || own[k].slope != 0.0
                        || demands_of(&own[k]).next().is_some()
                })
                .collect();
            let mut rows = Rows {
                width: layer.rows.width,
                data: Vec::with_capacity(needed.len() * layer.rows.width),
            };
            needed.iter().for_each(|&k| rows.push(layer.rows.row(k)));
            let error: Vec<f64> = needed.iter().map(|&k| own[k].error).collect();
            let (rows, error) = substitution.apply(&rows, &error, child.width());
            let magnitude = child.magnitudes(&rows, &reach);
            let marked = MarkedRows {
                rows,
                error,
                magnitude,
            };
            let (first, width) = (child.symbols.len(), child.width());
            let (mut kept, mut decided) = (Rows::zeros(0, width), Decided::new(width));
            for (place, &k) in needed.iter().enumerate() {
                let (symbol, row) = (&own[k], marked.rows.row(place));
                for (number, (_, side)) in demands_of(symbol) {
                    let sign = if *side == Side::Below { 1.0 } else { -1.0 };
                    let row = row.iter().map(|v| sign * v).collect();
                    demanded[number] = (row, marked.error[place]);
                }
                let column = self.base() + layer.first + k;
                let factor = match side_of(symbol) {
                    Side::Above => 1.0,
                    Side::Below => symbol.slope,
                    Side::Undecided => {
                        let (lower, upper) = ranges.next().copied().unwrap_or_default();
                        substitution.keep(column, child.width());
                        kept.push(row);
                        child.symbols.push(Symbol {
                            lower,
                            upper,
                            error: marked.error[place],
                            magnitude: marked.magnitude[place],
                            ..*symbol
                        });
                        continue;
                    }
                };
                decided.push(column, factor, &marked, place);
            }
            substitution.decide(decided);
            if child.symbols.len() > first {
                child.layers.push(Layer {
                    first,
                    rows: kept,
                    slopes: Slopes::default(),
                });
            }
        }
        child.finish(self, &substitution, &reach);
        for (row, error) in &demanded {
            child.demand(row, *error, &reach);
        }
        // Nobody asks a network of a larger box for these: they are found anew with the bounds.
        child.influence = Rows::zeros(child.symbols.len(), self.inputs);
        child.history = history.clone();
        child
    }
}
