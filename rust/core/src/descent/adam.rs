//! Adam on a batch of starts, in coordinates scaled to the box, with a boundary loss.

use std::sync::atomic::AtomicBool;

use super::landscape::{Landscape, Slopes};
use super::random::Random;
use super::rounding;
use super::rows::project;
use super::{FEASIBLE, compare, stopped};

/// Decay of the mean gradient.
const MOMENTUM: f64 = 0.9;

/// Decay of the mean square of the gradient.
const SQUARES: f64 = 0.99;

/// The last step length as a share of the first; between them it falls with the square of a half cosine.
const LAST_STEP: f64 = 1e-3;

/// The pull of the requirements against that of the objective, at the first and at the last step: always the stronger.
const PENALTY_PULL: (f64, f64) = (1.5, 5.0);

/// The slope of the boundary loss, as a share of the mean slope of the rest.
const BOUNDARY_PULL: f64 = 1.0;

/// How far an iterate may leave the box, as a share of the range.
const OVERHANG: f64 = 0.05;

/// Steps back into the requirements after the descent.
const REPAIR_STEPS: usize = 60;

/// A batch of designs on their way down.
pub(super) struct Starts<'l> {
    landscape: &'l Landscape<'l>,
    count: usize,
    /// The designs, inside the box.
    x: Vec<f64>,
    /// Which inputs of every design may still change.
    free: Vec<bool>,
}

impl<'l> Starts<'l> {
    /// Designs at the lower corner of the box, to be placed.
    pub fn new(landscape: &'l Landscape<'l>, count: usize) -> Self {
        let free: Vec<bool> = landscape.width.iter().map(|&width| width > 0.0).collect();
        Starts {
            landscape,
            count,
            x: landscape.model.lower.repeat(count),
            free: free.repeat(count),
        }
    }

    pub fn count(&self) -> usize {
        self.count
    }

    pub fn landscape(&self) -> &'l Landscape<'l> {
        self.landscape
    }

    pub fn into_designs(self) -> Vec<f64> {
        self.x
    }

    /// One design and which of its inputs may change.
    pub fn design(&mut self, row: usize) -> (&mut [f64], &mut [bool]) {
        let inputs = self.landscape.inputs();
        let range = row * inputs..(row + 1) * inputs;
        (&mut self.x[range.clone()], &mut self.free[range])
    }

    /// Starts from a given design, moved into the box.
    pub fn place(&mut self, row: usize, given: &[f64]) {
        let model = self.landscape.model;
        let (x, _) = self.design(row);
        for (i, x) in x.iter_mut().enumerate() {
            *x = given[i].clamp(model.lower[i], model.upper[i]);
        }
    }

    /// Starts from a random design of the box.
    pub fn place_randomly(&mut self, row: usize, random: &mut Random) {
        let landscape = self.landscape;
        let (x, _) = self.design(row);
        for (i, x) in x.iter_mut().enumerate() {
            let (lower, upper) = (landscape.model.lower[i], landscape.model.upper[i]);
            *x = (lower + random.unit() * landscape.width[i]).clamp(lower, upper);
        }
    }

    /// Rounds the discrete inputs of every design to their domains and fixes them.
    pub fn round(&mut self) {
        let landscape = self.landscape;
        for row in 0..self.count {
            let (x, free) = self.design(row);
            rounding::round(landscape, x, free);
        }
    }

    /// Takes so many steps and leaves every design at the best point of its path.
    pub fn descend(&mut self, steps: usize, learning_rate: f64, stop: &AtomicBool) {
        let inputs = self.landscape.inputs();
        let (lower, width) = (&self.landscape.model.lower, &self.landscape.width);
        // Scaled coordinates: 0..1 is the range of an input; fixed ones stay at 0.
        let mut t: Vec<f64> = vec![0.0; self.x.len()];
        for (place, t) in t.iter_mut().enumerate() {
            let i = place % inputs;
            if width[i] > 0.0 {
                *t = (self.x[place] - lower[i]) / width[i];
            }
        }
        let mut mean = vec![0.0; t.len()];
        let mut square = vec![0.0; t.len()];
        let mut best: Vec<(f64, f64)> = vec![(f64::INFINITY, f64::INFINITY); self.count];
        let mut best_x = self.x.clone();
        for step in 0..=steps {
            self.place_scaled(&t);
            let slopes = self.landscape.slopes(&self.x, self.count);
            let merits = slopes
                .objectives
                .iter()
                .copied()
                .zip(slopes.penalties.iter().copied());
            for (row, (best, here)) in best.iter_mut().zip(merits).enumerate() {
                if compare(here, *best).is_lt() {
                    *best = here;
                    let range = row * inputs..(row + 1) * inputs;
                    best_x[range.clone()].copy_from_slice(&self.x[range]);
                }
            }
            if step == steps || stopped(stop) {
                break;
            }
            let progress = step as f64 / steps as f64;
            let falling = 0.5 * (1.0 + (std::f64::consts::PI * progress).cos());
            let decay = LAST_STEP + (1.0 - LAST_STEP) * falling.powi(2);
            let bias = [
                1.0 - MOMENTUM.powi(step as i32 + 1),
                1.0 - SQUARES.powi(step as i32 + 1),
            ];
            let gradients = self.combined(&slopes, &t, progress);
            for (place, &g) in gradients.iter().enumerate() {
                if !self.free[place] || !g.is_finite() {
                    continue;
                }
                mean[place] = MOMENTUM * mean[place] + (1.0 - MOMENTUM) * g;
                square[place] = SQUARES * square[place] + (1.0 - SQUARES) * g * g;
                let direction =
                    (mean[place] / bias[0]) / ((square[place] / bias[1]).sqrt() + 1e-12);
                t[place] =
                    (t[place] - learning_rate * decay * direction).clamp(-OVERHANG, 1.0 + OVERHANG);
            }
        }
        self.x = best_x;
    }

    /// Puts the designs at scaled coordinates, moved into the box and into the linear requirements.
    fn place_scaled(&mut self, t: &[f64]) {
        let Landscape {
            model, width, rows, ..
        } = self.landscape;
        let inputs = self.landscape.inputs();
        for row in 0..self.count {
            let t = &t[row * inputs..][..inputs];
            let (x, free) = self.design(row);
            for i in 0..inputs {
                if free[i] {
                    x[i] = (model.lower[i] + t[i] * width[i]).clamp(model.lower[i], model.upper[i]);
                }
            }
            project(rows, x, &model.lower, &model.upper, free);
        }
    }

    /// The gradient of objective, penalty and boundary loss in scaled coordinates, every part weighed against the others
    /// by its own length, so that units do not matter.
    fn combined(&self, slopes: &Slopes, t: &[f64], progress: f64) -> Vec<f64> {
        let inputs = self.landscape.inputs();
        let mut gradients = vec![0.0; t.len()];
        for (row, gradient) in gradients.chunks_mut(inputs.max(1)).enumerate() {
            let range = row * inputs..(row + 1) * inputs;
            let free = &self.free[range.clone()];
            let scaled = |gradients: &[f64]| -> Vec<f64> {
                if gradients.is_empty() {
                    return vec![0.0; inputs];
                }
                let parts = gradients[range.clone()]
                    .iter()
                    .zip(&self.landscape.width)
                    .zip(free);
                parts
                    .map(|((g, width), &free)| if free { g * width } else { 0.0 })
                    .collect()
            };
            let objective = scaled(&slopes.objective_gradients);
            let length = norm(&objective);
            gradient.copy_from_slice(&objective);
            if slopes.penalties[row] > FEASIBLE {
                let penalty = scaled(&slopes.penalty_gradients);
                let pull = PENALTY_PULL.0 + progress * (PENALTY_PULL.1 - PENALTY_PULL.0);
                let penalty_length = norm(&penalty);
                let weight = match (length > 0.0, penalty_length > 0.0) {
                    (true, true) => pull * length / penalty_length,
                    (false, true) => 1.0,
                    // Flat ground: only the objective moves the design on.
                    (_, false) => 0.0,
                };
                gradient
                    .iter_mut()
                    .zip(penalty)
                    .for_each(|(g, penalty)| *g += weight * penalty);
            }
            let mean = norm(gradient) / (inputs as f64).sqrt();
            for (g, &t) in gradient.iter_mut().zip(&t[range]) {
                if t < 0.0 {
                    *g = g.min(0.0) - BOUNDARY_PULL * mean;
                } else if t > 1.0 {
                    *g = g.max(0.0) + BOUNDARY_PULL * mean;
                }
            }
        }
        gradients
    }

    /// Moves designs that miss a requirement back by Polyak steps, which are exact for a single linear one.
    pub fn repair(&mut self, stop: &AtomicBool) {
        let landscape = self.landscape;
        let (inputs, model) = (landscape.inputs(), landscape.model);
        for row in 0..self.count {
            let range = row * inputs..(row + 1) * inputs;
            let mut best = (f64::INFINITY, f64::INFINITY);
            let mut best_x = self.x[range.clone()].to_vec();
            for _ in 0..REPAIR_STEPS {
                let (x, free) = self.design(row);
                project(&landscape.rows, x, &model.lower, &model.upper, free);
                let slopes = landscape.slopes(x, 1);
                let here = (slopes.objectives[0], slopes.penalties[0]);
                if compare(here, best).is_lt() {
                    best = here;
                    best_x.copy_from_slice(x);
                }
                // Aiming a little below zero ends the approach to a curved limit in finitely many steps.
                if here.1 <= 0.5 * FEASIBLE || slopes.penalty_gradients.is_empty() || stopped(stop)
                {
                    break;
                }
                let squares: f64 = (0..inputs)
                    .filter(|&i| free[i])
                    .map(|i| (slopes.penalty_gradients[i] * landscape.width[i]).powi(2))
                    .sum();
                if squares == 0.0 || !squares.is_finite() {
                    break;
                }
                for i in (0..inputs).filter(|&i| free[i]) {
                    let step =
                        here.1 / squares * slopes.penalty_gradients[i] * landscape.width[i].powi(2);
                    x[i] = (x[i] - step).clamp(model.lower[i], model.upper[i]);
                }
            }
            self.x[range].copy_from_slice(&best_x);
        }
    }
}

fn norm(values: &[f64]) -> f64 {
    values.iter().map(|value| value * value).sum::<f64>().sqrt()
}
