//! A proved lower bound on the compliance of every design of a task.
//!
//! Let designs x have `0 ≤ x ≤ 1` and the volume `v·x ≤ V`, let `ρ = Fx` be their densities, 1 where solid, and
//! `E = E₀ + (1 - E₀) ρᵖ` the moduli, p ≥ 1. For any displacements `uₖ` of the load cases that vanish where supports hold,
//!
//! ```text
//! c(x) = max_u Σ wₖ (2 fₖ·uₖ - uₖᵀ K(x) uₖ) ≥ 2 L - Q(x),    L = Σ wₖ fₖ·uₖ,    Q(x) = Σₑ Eₑ Wₑ,
//! ```
//!
//! with `Wₑ = Σ wₖ uₖᵀ k uₖ` the energies. Displacements `t u` give `2 t L - t² Q(x)`, and the best t gives `L² / Q(x)`. As
//! ρᵖ ≤ ρ, Q(x) is at most linear in x, with gains `Fᵀ W`: its maximum over all designs is a fractional knapsack. For p ≥ 3,
//! ρᵖ ≤ ρ³ is below lines `s x` that know what a rim is worth ([`CubeLines`]), and the gains are `sᵀ W`.
//!
//! Nothing is asked of u, nor of the lines: how they were found is of no account. What is left is the rounding of a few
//! sums: energies, gains and Q are raised, costs and L lowered, by margins that are derived where they are made.
//! The weights of the cone and the forces are taken as the numbers that they are.

use super::element;
use super::filter::ConeFilter;
use super::grid::Grid;
use super::knapsack;
use super::lines::CubeLines;
use crate::bounds::rounding::gamma;

/// A designable volume that may be exceeded by this part before a design is refused.
pub const VOLUME_TOLERANCE: f64 = 1e-9;

/// What a design may be.
pub struct Designs<'a> {
    /// Where material may be.
    pub mask: &'a [bool],
    /// Where material must be.
    pub solid: &'a [bool],
    /// The most volume.
    pub volume: f64,
    /// Whether the volume is that of the density, or of the design before the filter.
    pub filtered: bool,
    /// The modulus of void.
    pub void: f64,
}

/// All designs of a task under its loads.
pub struct ComplianceBound {
    grid: Grid,
    held: Vec<bool>,
    forces: Vec<f64>,
    weights: Vec<f64>,
    filter: ConeFilter,
    solid: Vec<bool>,
    free: Vec<bool>,
    /// What each value of the design takes of the volume, at least.
    costs: Vec<f64>,
    /// The volume left for what is free, at most.
    limit: f64,
    void: f64,
}

impl ComplianceBound {
    /// Prepares the bound of a task: held components, forces on all components by load case, the weights of the cases.
    pub fn new(
        grid: Grid,
        held: &[bool],
        forces: &[f64],
        weights: &[f64],
        filter: ConeFilter,
        designs: &Designs<'_>,
    ) -> Self {
        let pairs = designs.mask.iter().zip(designs.solid);
        let free: Vec<bool> = pairs.map(|(&mask, &solid)| mask && !solid).collect();
        let ones: Vec<f64> = free.iter().map(|&free| f64::from(free)).collect();
        let mut costs = if designs.filtered {
            filter.transpose(&ones)
        } else {
            ones
        };
        let margin = filter.margin();
        costs.iter_mut().for_each(|cost| *cost *= 1.0 - margin);
        let solid_costs = costs.iter().zip(designs.solid);
        let taken: f64 = solid_costs
            .filter(|(_, solid)| **solid)
            .map(|(cost, _)| if designs.filtered { 1.0 + cost } else { 1.0 })
            .sum();
        let volume = designs.volume * (1.0 + VOLUME_TOLERANCE);
        let limit = volume - taken * (1.0 - gamma(costs.len()));
        ComplianceBound {
            grid,
            held: held.to_vec(),
            forces: forces.to_vec(),
            weights: weights.to_vec(),
            filter,
            solid: designs.solid.to_vec(),
            free,
            costs,
            limit: limit.max(0.0),
            void: designs.void,
        }
    }

    /// Lines for [`Self::lower_bound`] that are good near a design, if there are any.
    pub fn lines(&self, design: &[f64], sharpness: f64) -> Option<CubeLines> {
        CubeLines::new(&self.filter, design, sharpness)
    }

    /// A lower bound on the compliance of every design, by displacements of all components, one load case after the
    /// other. What they are where supports hold is not looked at. With lines, of the task's own filter, it holds from the
    /// penalty 3 on, otherwise from 1 on.
    pub fn lower_bound(&self, displacement: &[f64], lines: Option<&CubeLines>) -> f64 {
        let components = self.grid.components();
        let mut energies = vec![0.0; self.grid.elements()];
        let (mut work, mut magnitude) = (0.0, 0.0);
        let cases = displacement.chunks_exact(components);
        let cases = cases.zip(self.forces.chunks_exact(components));
        for ((displacement, forces), &weight) in cases.zip(&self.weights) {
            let pairs = displacement.iter().zip(&self.held);
            let displacement: Vec<f64> = pairs
                .map(|(&value, &held)| if held { 0.0 } else { value })
                .collect();
            for (force, value) in forces.iter().zip(&displacement) {
                work += weight * (force * value);
                magnitude += weight * (force * value).abs();
            }
            let elements = self.grid.element_components();
            for (energy, element) in energies.iter_mut().zip(elements) {
                let corners = element.map(|component| displacement[component]);
                *energy += weight * element::energy_above(&corners);
            }
        }
        work -= gamma(self.forces.len()) * magnitude;
        let bound = work * work / self.most(&energies, lines) * (1.0 - gamma(4));
        if work > 0.0 && bound.is_finite() {
            bound
        } else {
            0.0
        }
    }

    /// The most that `Σ Eₑ Wₑ` can be over all designs, from above.
    fn most(&self, energies: &[f64], lines: Option<&CubeLines>) -> f64 {
        let everywhere: f64 = energies.iter().sum();
        let pairs = energies.iter().zip(&self.free);
        let on_free: Vec<f64> = pairs
            .map(|(w, &free)| if free { *w } else { 0.0 })
            .collect();
        let (gains, margin) = match lines {
            Some(lines) => (lines.transpose(&on_free), lines.margin()),
            None => (self.filter.transpose(&on_free), self.filter.margin()),
        };
        let mut always = 0.0;
        let (mut free_gains, mut costs) = (Vec::new(), Vec::new());
        for element in 0..energies.len() {
            if self.solid[element] {
                always += energies[element] + gains[element];
            } else if self.free[element] {
                free_gains.push(gains[element]);
                costs.push(self.costs[element]);
            }
        }
        let chosen = knapsack::upper_bound(&free_gains, &costs, self.limit);
        let designed = (always + chosen) * (1.0 + margin);
        // Energies, and sums of them, by as many operations as there are elements and load cases.
        let margin = gamma(energies.len() + self.weights.len());
        (self.void * everywhere + (1.0 - self.void) * designed) * (1.0 + margin)
    }
}
