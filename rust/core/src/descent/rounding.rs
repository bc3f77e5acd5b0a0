//! Relaxed designs rounded to their domains.

use super::landscape::Landscape;
use super::rows::Row;
use crate::model::{Domain, Model, nearest};

/// Rounds every discrete input that may change and fixes it. Where a row asks for one whole sum of
/// integers that all count the same, the largest remainders are rounded up, as many as the sum needs.
pub(super) fn round(landscape: &Landscape<'_>, x: &mut [f64], free: &mut [bool]) {
    let model = landscape.model;
    for row in landscape.rows.iter().filter(|row| row.is_equality()) {
        apportion(model, row, x, free);
    }
    for input in 0..x.len() {
        x[input] = match &model.domains[input] {
            Domain::Continuous => continue,
            Domain::Integer => x[input].round(),
            Domain::Catalogue(values) => nearest(values, x[input]),
        };
        free[input] = false;
    }
}

/// The method of largest remainders.
fn apportion(model: &Model, row: &Row, x: &mut [f64], free: &mut [bool]) {
    let weight = row.entries[0].1;
    let plain = |&(input, a): &(usize, f64)| a == weight && model.domains[input] == Domain::Integer;
    if !row.entries.iter().all(plain) {
        return;
    }
    let mut inputs: Vec<usize> = row
        .entries
        .iter()
        .map(|entry| entry.0)
        .filter(|&input| free[input])
        .collect();
    let fixed: f64 = row
        .entries
        .iter()
        .filter(|entry| !free[entry.0])
        .map(|entry| x[entry.0])
        .sum();
    let remainder = |x: &[f64], input: usize| x[input] - x[input].floor();
    inputs.sort_by(|&a, &b| remainder(x, b).total_cmp(&remainder(x, a)));
    for &input in &inputs {
        x[input] = x[input].floor();
        free[input] = false;
    }
    let sum: f64 = inputs.iter().map(|&input| x[input]).sum();
    let mut missing = (row.lower / weight - fixed - sum).round();
    // One pass is enough after a projection; more serve designs that did not meet the row.
    while missing != 0.0 {
        let step = missing.signum();
        let before = missing;
        for &input in &inputs {
            let next = x[input] + step;
            if missing != 0.0 && model.lower[input] <= next && next <= model.upper[input] {
                x[input] = next;
                missing -= step;
            }
        }
        if missing == before {
            return;
        }
    }
}
