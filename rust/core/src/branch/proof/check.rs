//! Checking a proof, part by part.

use std::sync::atomic::AtomicBool;

use rayon::prelude::*;

use super::{Failure, Proof, cover};
use crate::branch::parts::{Part, sum_down};

/// Proves every box of the part again, and that nothing is left out; the number of boxes.
pub fn check(part: &Part, bound: f64, proof: &Proof, stop: &AtomicBool) -> Result<u64, Failure> {
    let counts = match (part, proof) {
        (Part::Boxes(boxes), Proof::Boxes(halvings)) => {
            return cover::check(boxes.subject(stop), bound, halvings, stop);
        }
        (Part::Choices(choices), Proof::Choices(proofs)) if choices.count() == proofs.len() => {
            proofs
                .par_iter()
                .enumerate()
                .map(|(number, proof)| check(&choices.open_choice(number), bound, proof, stop))
                .collect::<Result<Vec<_>, _>>()?
        }
        (Part::Sum(parts), Proof::Sum(terms)) if parts.len() == terms.len() => {
            if !adds_up(terms, bound) {
                return Err("the bounds of its parts do not add up to the claimed one".into());
            }
            (parts.par_iter().zip(terms))
                .filter_map(|(part, term)| term.as_ref().map(|term| (part, term)))
                .map(|(part, (bound, proof))| check(part, *bound, proof, stop))
                .collect::<Result<Vec<_>, _>>()?
        }
        _ => return Err("its parts are not those of the problem".into()),
    };
    Ok(counts.into_iter().sum())
}

/// True if the bounds of the parts give that of the sum; nothing more is needed if one part has no design.
fn adds_up(terms: &[Option<(f64, Proof)>], bound: f64) -> bool {
    let value = |term: &Option<(f64, Proof)>| term.as_ref().map_or(f64::NEG_INFINITY, |t| t.0);
    if terms.iter().any(|term| value(term) == f64::INFINITY) {
        return true;
    }
    // A single part is rounded nowhere; what is no number is not above the bound.
    sum_down(terms.iter().map(value)) >= bound
}
