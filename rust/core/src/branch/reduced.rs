//! The reduced network of a box: what is left of a graph when every decided kink is replaced by its branch.
//!
//! A symbol `h` stands for one undecided kink entry, `h = z` where `z >= 0` and `slope * z` elsewhere; its `z` is a row
//! over `(x, 1, symbols of earlier layers)`. *Caps* are convex functions of rows that enter the objective and the
//! constraints with a plus sign only, so that they are never needed from above: a kink, a norm, a maximum. *Heads* are
//! the objective (the first) and the constraints (at most zero), rows over `(x, 1, symbols)` and the caps. Nothing is
//! relaxed: on its box the reduced network equals the graph.
//!
//! # Rounding
//!
//! Every row carries an *error*: how far its value, with exact values of the symbols, may be from what it stands for as
//! the graph computes it; and a *magnitude*: the sum of the magnitudes of its terms on the box. Eliminating a symbol
//! from a form costs its coefficient times `error + gamma * magnitude`, where gamma (see [`crate::bounds`]) holds the
//! rounding of all sums of as many terms. [`super::eliminate`] and [`super::dual`] lower every bound by that.

use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::account::Account;
use super::cap::Cap;
use super::kernel::{Rows, dots, ranges};
use super::lines::Lines;
use super::packed::History;
use super::slopes::Slopes;
use super::symbol::Symbol;
use crate::bounds::rounding::gamma;

/// Symbols that do not depend on one another.
#[derive(Clone, Debug)]
pub struct Layer {
    /// The first of its symbols.
    pub first: usize,
    /// The rows of their `z`, over `(x, 1, symbols before the first)`.
    pub rows: Rows,
    /// For each symbol, the slopes that bounded its `z` best from below and from above, one of each symbol before the first;
    /// empty where none were moved.
    pub slopes: Slopes,
}

/// Rows with what is known of their rounding.
#[derive(Clone, Debug, Default)]
pub struct MarkedRows {
    /// The rows.
    pub rows: Rows,
    /// The error of each.
    pub error: Vec<f64>,
    /// The magnitude of each.
    pub magnitude: Vec<f64>,
}

impl MarkedRows {
    /// Gives back the memory into which they did not grow.
    fn shrink(&mut self) {
        self.rows.data.shrink_to_fit();
        self.error.shrink_to_fit();
        self.magnitude.shrink_to_fit();
    }

    /// How many numbers they are.
    fn numbers(&self) -> usize {
        self.rows.data.len() + self.error.len() + self.magnitude.len()
    }
}

/// See the module.
#[derive(Clone, Debug)]
pub struct Reduced {
    /// The number of design variables.
    pub inputs: usize,
    /// The undecided kinks, layer after layer.
    pub symbols: Vec<Symbol>,
    /// Their rows.
    pub layers: Vec<Layer>,
    /// By symbol, the mean magnitude of the input coefficients of its two substituted forms.
    pub influence: Rows,
    /// The convex functions.
    pub caps: Arc<[Cap]>,
    /// What they act on.
    pub cap_rows: MarkedRows,
    /// The objective and the constraints.
    pub heads: MarkedRows,
    /// The coefficients of the caps in the first of them, none negative; those of the others are zero.
    pub head_caps: Rows,
    /// For each symbol of a concave tail, the forms below `z` and below `-z`.
    pub tail_forms: Rows,
    /// How it follows from the network of the whole box.
    pub history: History,
}

/// A network that waits with its boxes: its bytes are on an account while it lives.
#[derive(Debug)]
pub struct Kept {
    network: Reduced,
    account: Arc<Account>,
}

impl Kept {
    /// Puts the network on the account.
    pub fn new(mut network: Reduced, account: &Arc<Account>) -> Arc<Self> {
        network.shrink();
        account.bytes.fetch_add(network.bytes(), Ordering::Relaxed);
        Arc::new(Kept {
            network,
            account: account.clone(),
        })
    }
}

impl Deref for Kept {
    type Target = Reduced;
    fn deref(&self) -> &Reduced {
        &self.network
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        self.account
            .bytes
            .fetch_sub(self.network.bytes(), Ordering::Relaxed);
    }
}

impl Reduced {
    /// A network without symbols, caps and heads.
    pub fn new(inputs: usize) -> Self {
        let over_inputs = Rows {
            width: inputs + 1,
            data: Vec::new(),
        };
        Reduced {
            inputs,
            symbols: Vec::new(),
            layers: Vec::new(),
            influence: Rows {
                width: inputs,
                data: Vec::new(),
            },
            caps: Arc::new([]),
            cap_rows: MarkedRows {
                rows: over_inputs.clone(),
                ..MarkedRows::default()
            },
            heads: MarkedRows {
                rows: over_inputs,
                ..MarkedRows::default()
            },
            head_caps: Rows::default(),
            tail_forms: Rows {
                width: 2 * (inputs + 1),
                data: Vec::new(),
            },
            history: History::default(),
        }
    }

    /// The number of columns before the symbols.
    pub fn base(&self) -> usize {
        self.inputs + 1
    }

    /// The number of columns.
    pub fn width(&self) -> usize {
        self.base() + self.symbols.len()
    }

    /// The number of constraints.
    pub fn constraints(&self) -> usize {
        self.heads.error.len() - 1
    }

    /// The coefficients of the caps in the objective or a constraint; none where a kink's side is demanded.
    pub fn caps_of(&self, head: usize) -> &[f64] {
        if head < self.head_caps.count() {
            self.head_caps.row(head)
        } else {
            &[]
        }
    }

    /// The relative margin of the sums in an elimination.
    pub fn gamma(&self) -> f64 {
        gamma(2 * (self.width() + self.cap_rows.error.len() + self.heads.error.len()))
    }

    /// The lines that stand for the symbols.
    pub fn lines(&self) -> Lines {
        Lines::new(&self.symbols, self.gamma())
    }

    /// Gives back the memory into which it did not grow.
    fn shrink(&mut self) {
        for layer in &mut self.layers {
            layer.rows.data.shrink_to_fit();
            layer.slopes.shrink();
        }
        self.layers.shrink_to_fit();
        self.symbols.shrink_to_fit();
        self.influence.data.shrink_to_fit();
        self.tail_forms.data.shrink_to_fit();
        self.cap_rows.shrink();
        self.heads.shrink();
        self.head_caps.data.shrink_to_fit();
    }

    /// Bytes taken.
    pub fn bytes(&self) -> usize {
        let slopes: usize = self.layers.iter().map(|l| l.slopes.bytes()).sum();
        let numbers = self.layers.iter().map(|l| l.rows.data.len()).sum::<usize>()
            + self.influence.data.len()
            + self.cap_rows.numbers()
            + self.heads.numbers()
            + self.head_caps.data.len()
            + self.tail_forms.data.len();
        8 * numbers
            + slopes
            + self.history.sides.len()
            + size_of::<Symbol>() * self.symbols.len()
            + size_of::<Self>()
    }

    /// Multiplications of one backward pass of the objective: every entry of the rows counts once.
    pub fn multiplications_of_pass(&self) -> usize {
        let layers = self.layers.iter().map(|layer| layer.rows.data.len());
        layers.sum::<usize>() + self.cap_rows.rows.data.len() + self.heads.rows.data.len()
    }

    /// Multiplications of bounding every row of every layer from both sides.
    pub fn multiplications_of_bounds(&self) -> usize {
        let (mut before, mut total) = (0, 0);
        for layer in &self.layers {
            total += 2 * layer.rows.count() * before;
            before += layer.rows.data.len();
        }
        total
    }

    /// The magnitudes of rows on a box: the sums of those of their terms.
    pub fn magnitudes(&self, rows: &Rows, reach: &[f64]) -> Vec<f64> {
        let mut reaches = Vec::with_capacity(rows.width);
        reaches.extend_from_slice(reach);
        reaches.push(1.0);
        reaches.extend(
            self.symbols[..rows.width - reaches.len()]
                .iter()
                .map(Symbol::reach),
        );
        let (mut middle, mut spread) = (vec![0.0; rows.count()], vec![0.0; rows.count()]);
        ranges(
            &rows.data,
            &vec![0.0; rows.width],
            &reaches,
            &mut middle,
            &mut spread,
        );
        spread
    }

    /// `(x, 1, h)` with the symbols computed one after another by `rule`, from number, symbol and `z`.
    pub fn extend(&self, x: &[f64], mut rule: impl FnMut(usize, &Symbol, f64) -> f64) -> Vec<f64> {
        let mut values = Vec::with_capacity(self.width());
        values.extend_from_slice(x);
        values.push(1.0);
        let mut z = Vec::new();
        for layer in &self.layers {
            z.resize(layer.rows.count(), 0.0);
            dots(&layer.rows.data, &values, &mut z);
            for (k, &z) in z.iter().enumerate() {
                let k = layer.first + k;
                values.push(rule(k, &self.symbols[k], z));
            }
        }
        values
    }

    /// Objective and worst constraint of the graph at a point of the box.
    pub fn evaluate(&self, x: &[f64]) -> (f64, f64) {
        let values = self.extend(x, |_, symbol, z| symbol.value(z));
        let mut rows = vec![0.0; self.cap_rows.error.len()];
        dots(&self.cap_rows.rows.data, &values, &mut rows);
        let caps: Vec<f64> = self.caps.iter().map(|cap| cap.value(&rows)).collect();
        let mut heads = vec![0.0; self.heads.error.len()];
        dots(&self.heads.rows.data, &values, &mut heads);
        for (h, head) in heads.iter_mut().enumerate() {
            *head += (self.caps_of(h).iter().zip(&caps))
                .map(|(q, c)| q * c)
                .sum::<f64>();
        }
        (heads[0], heads[1..].iter().copied().fold(0.0, f64::max))
    }
}
