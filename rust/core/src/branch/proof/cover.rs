//! Boxes that cover the whole: halved level after level until each is proved.

use std::sync::atomic::AtomicBool;

use rayon::prelude::*;

use super::Failure;
use super::prover::{Prover, Verdict};
use crate::branch::boxes::Subject;
use crate::branch::cell::{Cell, Domains};

/// A proof of more boxes and halvings than this is not written.
const MOST_BOXES: usize = 1 << 25;

/// Halves boxes until each is proved; returns the halvings in the order of [`super::Proof::Boxes`].
pub fn write(subject: Subject<'_>, bound: f64, stop: &AtomicBool) -> Result<Vec<u32>, Failure> {
    let prover = Prover::new(subject, bound, stop);
    let (mut axes, mut level) = (Vec::new(), vec![prover.whole().clone()]);
    while !level.is_empty() {
        if axes.len() + level.len() > MOST_BOXES {
            return Err("it would take too many boxes".into());
        }
        let looks = level.par_iter().map(|cell| prover.look(cell, true));
        let verdicts = looks.collect::<Result<Vec<_>, _>>()?;
        let mut next = Vec::new();
        for (cell, verdict) in level.into_iter().zip(verdicts) {
            match verdict {
                Verdict::Proved => axes.push(0),
                Verdict::Open(axis) => {
                    next.extend(halves(cell, axis, prover.domains())?);
                    axes.push(axis as u32 + 1);
                }
            }
        }
        level = next;
    }
    Ok(axes)
}

/// Halves boxes as was written, and proves each that is not halved; returns their number.
pub fn check(
    subject: Subject<'_>,
    bound: f64,
    axes: &[u32],
    stop: &AtomicBool,
) -> Result<u64, Failure> {
    let prover = Prover::new(subject, bound, stop);
    let (mut axes, mut level) = (axes.iter(), vec![prover.whole().clone()]);
    let mut count = 0;
    while !level.is_empty() {
        let (mut leaves, mut next) = (Vec::new(), Vec::new());
        for cell in level {
            match axes.next() {
                None => return Err("it breaks off: some boxes are missing".into()),
                Some(0) => leaves.push(cell),
                Some(axis) => next.extend(halves(cell, *axis as usize - 1, prover.domains())?),
            }
        }
        count += leaves.len() as u64;
        leaves
            .into_par_iter()
            .try_for_each(|cell| match prover.look(&cell, false)? {
                Verdict::Proved => Ok(()),
                Verdict::Open(_) => Err(Failure::from(
                    "a box may hold designs below the claimed bound",
                )),
            })?;
        level = next;
    }
    match axes.next() {
        None => Ok(count),
        Some(_) => Err("it names more boxes than there are".into()),
    }
}

/// The two halves of a box: together they hold all its designs.
fn halves(cell: Cell, axis: usize, domains: &Domains) -> Result<[Cell; 2], Failure> {
    if axis >= cell.lower.len() {
        return Err("it halves a box along an input that is not there".into());
    }
    let (left, right) = domains
        .halves(axis, cell.lower[axis], cell.upper[axis])
        .ok_or_else(|| Failure::from("a box cannot be halved any further"))?;
    let mut halves = [cell.clone(), cell];
    halves[0].upper[axis] = left;
    halves[1].lower[axis] = right;
    Ok(halves)
}
