//! Finding a proof, part by part.

use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;

use super::{Failure, Proof, cover};
use crate::branch::parts::{Part, sum_down};

/// Parts of a sum are searched until their bounds have passed the claimed one by this share of what is open above it;
/// then every part has room for a proof.
const ROOM: f64 = 0.25;

/// Of the room, what is given back to the parts; the rest is for rounding.
const GIVEN: f64 = 0.999;

/// Nodes of a sum that are treated between two looks at its bound.
const BATCH: usize = 8;

/// A proof that no design of the part lies below `bound`.
pub fn write(part: &mut Part, bound: f64, stop: &AtomicBool) -> Result<Proof, Failure> {
    match part {
        Part::Boxes(boxes) => cover::write(boxes.subject(stop), bound, stop).map(Proof::Boxes),
        Part::Choices(choices) => (0..choices.count())
            .into_par_iter()
            .map(|number| write(&mut choices.open_choice(number), bound, stop))
            .collect::<Result<_, _>>()
            .map(Proof::Choices),
        Part::Sum(_) => sum(part, bound, stop),
    }
}

fn sum(whole: &mut Part, bound: f64, stop: &AtomicBool) -> Result<Proof, Failure> {
    let bounds = bounds(whole, bound, stop)?;
    let Part::Sum(parts) = whole else {
        return Err("a sum has parts".into());
    };
    parts
        .par_iter_mut()
        .zip(bounds)
        .map(|(part, bound)| {
            let proof = (bound > f64::NEG_INFINITY).then(|| write(part, bound, stop));
            Ok(proof.transpose()?.map(|proof| (bound, proof)))
        })
        .collect::<Result<_, _>>()
        .map(Proof::Sum)
}

/// A bound for each part of a sum, so that they add up to `bound`, each with room below what was proved of the part.
fn bounds(whole: &mut Part, bound: f64, stop: &AtomicBool) -> Result<Vec<f64>, Failure> {
    if let Part::Sum(parts) = whole
        && parts.len() == 1
    {
        return Ok(vec![bound]);
    }
    search(whole, bound, stop)?;
    let Part::Sum(parts) = whole else {
        return Err("a sum has parts".into());
    };
    let proved: Vec<f64> = parts.iter().map(Part::bound).collect();
    if let Some(empty) = proved.iter().position(|value| *value == f64::INFINITY) {
        // One part without a design is enough.
        let only = |part| {
            if part == empty {
                f64::INFINITY
            } else {
                f64::NEG_INFINITY
            }
        };
        return Ok((0..proved.len()).map(only).collect());
    }
    let room = GIVEN * (sum_down(proved.iter().copied()) - bound) / proved.len() as f64;
    let lowered: Vec<f64> = proved.iter().map(|value| value - room).collect();
    Ok(if sum_down(lowered.iter().copied()) >= bound {
        lowered
    } else {
        proved
    })
}

/// Searches the parts of a sum until what is proved of them has passed `bound`.
fn search(whole: &mut Part, bound: f64, stop: &AtomicBool) -> Result<(), Failure> {
    loop {
        let (proved, best) = (whole.bound(), whole.best());
        let goal = best.map_or(bound, |(best, _)| bound + ROOM * (best - bound).max(0.0));
        let over = whole.counts().1 == 0;
        if proved >= goal || over && proved >= bound {
            return Ok(());
        }
        if over {
            return Err("some designs are better than the bound".into());
        }
        if stop.load(Ordering::Relaxed) {
            return Err(Failure::Stopped);
        }
        whole.advance(f64::INFINITY, f64::INFINITY, BATCH, stop);
    }
}
