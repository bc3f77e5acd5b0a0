//! Boxes that cover the whole: halved level after level until each is proved.

use std::sync::atomic::AtomicBool;

use rayon::prelude::*;

use super::Failure;
use super::prover::{Halving, Prover, Verdict};
use crate::branch::boxes::Subject;

/// A proof of more boxes and halvings than this is neither written nor read: all boxes of a level are held at once.
pub const MOST_BOXES: usize = 1 << 22;

/// Halves boxes until each is proved; returns the halvings in the order of [`super::Proof::Boxes`].
pub fn write(subject: Subject<'_>, bound: f64, stop: &AtomicBool) -> Result<Vec<u32>, Failure> {
    let prover = Prover::new(subject, bound, stop);
    let (mut halvings, mut level) = (Vec::new(), vec![prover.whole()]);
    while !level.is_empty() {
        if halvings.len() + level.len() > MOST_BOXES {
            return Err("it would take too many boxes".into());
        }
        let looks = level.par_iter().map(|piece| prover.look(piece, true));
        let verdicts = looks.collect::<Result<Vec<_>, _>>()?;
        let mut next = Vec::new();
        for (piece, verdict) in level.into_iter().zip(verdicts) {
            match verdict {
                Verdict::Proved => halvings.push(0),
                Verdict::Open(halving) => {
                    next.extend(prover.halves(piece, halving)?);
                    halvings.push(number(halving, prover.inputs()));
                }
            }
        }
        level = next;
    }
    Ok(halvings)
}

/// Halves boxes as was written, and proves each that is not halved; returns their number.
pub fn check(
    subject: Subject<'_>,
    bound: f64,
    halvings: &[u32],
    stop: &AtomicBool,
) -> Result<u64, Failure> {
    let prover = Prover::new(subject, bound, stop);
    let (mut halvings, mut level) = (halvings.iter(), vec![prover.whole()]);
    let mut count = 0;
    while !level.is_empty() {
        let (mut leaves, mut next) = (Vec::new(), Vec::new());
        for piece in level {
            match halvings.next() {
                None => return Err("it breaks off: some boxes are missing".into()),
                Some(0) => leaves.push(piece),
                Some(&number) => {
                    next.extend(prover.halves(piece, halving(number, prover.inputs()))?);
                }
            }
        }
        count += leaves.len() as u64;
        leaves
            .into_par_iter()
            .try_for_each(|piece| match prover.look(&piece, false)? {
                Verdict::Proved => Ok(()),
                Verdict::Open(_) => Err(Failure::from(
                    "a box may hold designs below the claimed bound",
                )),
            })?;
        level = next;
    }
    match halvings.next() {
        None => Ok(count),
        Some(_) => Err("it names more boxes than there are".into()),
    }
}

/// A halving as it is written: inputs from 1, then the kinks.
fn number(halving: Halving, inputs: usize) -> u32 {
    1 + match halving {
        Halving::Input(axis) => axis as u32,
        Halving::Kink(symbol) => (inputs + symbol) as u32,
    }
}

/// What [`number`] wrote.
fn halving(number: u32, inputs: usize) -> Halving {
    let place = number as usize - 1;
    if place < inputs {
        Halving::Input(place)
    } else {
        Halving::Kink(place - inputs)
    }
}
