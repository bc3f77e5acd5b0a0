//! What a tree takes: bytes that wait, and the work done so far.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use super::reduced::Reduced;

/// What the boxes of a tree may take, as it counts them. The allocator takes some more.
const MOST_BYTES: usize = 5 << 29;

/// Counters that all threads share.
#[derive(Debug)]
pub struct Account {
    /// From this many bytes on, the networks of the least promising boxes are packed; where that does not help, trees go
    /// depth first until a quarter of it is free again.
    pub most_bytes: AtomicUsize,
    /// The bytes of all reduced networks that wait with their boxes.
    pub bytes: AtomicUsize,
    /// Those of the packed ones.
    pub bytes_packed: AtomicUsize,
    bounded: AtomicU64,
    symbols: AtomicU64,
    multiplications: AtomicU64,
}

/// Work done so far. A box may be bounded more than once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Work {
    /// How many times a box was bounded.
    pub bounded: u64,
    /// The undecided kinks of all of them together.
    pub symbols: u64,
    /// What the model of the cost counts: for every box, the bounds of all rows (twice where slopes are moved), and two
    /// passes for each dual step.
    pub multiplications: u64,
}

impl Default for Account {
    fn default() -> Self {
        Account {
            most_bytes: AtomicUsize::new(MOST_BYTES),
            bytes: AtomicUsize::default(),
            bytes_packed: AtomicUsize::default(),
            bounded: AtomicU64::default(),
            symbols: AtomicU64::default(),
            multiplications: AtomicU64::default(),
        }
    }
}

impl Account {
    /// Bytes of all networks, and how many there may be.
    pub fn taken(&self) -> (usize, usize) {
        (
            self.bytes.load(Ordering::Relaxed) + self.bytes_packed.load(Ordering::Relaxed),
            self.most_bytes.load(Ordering::Relaxed),
        )
    }

    /// Takes note of a box that was bounded, from its parent's network if its own was not there yet, in so many dual steps.
    pub fn note(&self, parent: Option<&Reduced>, network: &Reduced, steps: usize) {
        let bounds = parent.map_or(0, |parent| {
            let times = if parent.moves_slopes() { 2 } else { 1 };
            times * parent.multiplications_of_bounds()
        });
        let multiplications = bounds + 2 * steps * network.multiplications_of_pass();
        self.bounded.fetch_add(1, Ordering::Relaxed);
        let symbols = network.symbols.len() as u64;
        self.symbols.fetch_add(symbols, Ordering::Relaxed);
        self.multiplications
            .fetch_add(multiplications as u64, Ordering::Relaxed);
    }

    /// The work so far.
    pub fn work(&self) -> Work {
        Work {
            bounded: self.bounded.load(Ordering::Relaxed),
            symbols: self.symbols.load(Ordering::Relaxed),
            multiplications: self.multiplications.load(Ordering::Relaxed),
        }
    }
}
