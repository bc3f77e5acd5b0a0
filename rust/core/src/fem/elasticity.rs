//! Static equilibrium on a grid: Young's moduli in, displacements and energies out.

use std::sync::Arc;

use faer::dyn_stack::MemBuffer;
use faer::linalg::cholesky::llt::factor::cholesky_in_place_scratch;
use faer::{Par, Spec};
use pulp::Arch;

use super::analysis::Analysis;
use super::element;
use super::multifrontal::{Part, assemble, eliminate, extend, solve_backward, solve_forward};

/// The stiffness matrix has no Cholesky factor: something can move without resistance, or a modulus is not a positive number.
#[derive(Debug)]
pub struct Singular;

/// There is not enough memory for the factor.
#[derive(Debug)]
pub struct TooLarge;

/// A grid under load, with all the memory that its solution takes.
pub struct Elasticity {
    analysis: Arc<Analysis>,
    /// The forces on the unknowns, one load case after the other.
    forces: Vec<f64>,
    /// What each load case counts.
    weights: Vec<f64>,
    factor: Vec<f64>,
    /// The updates that wait for their parents, by depth and side: at one time no two need the same place.
    updates: Vec<[Vec<f64>; 2]>,
    unknowns: Vec<f64>,
    work: Vec<f64>,
    memory: MemBuffer,
    /// The displacements of all components, one load case after the other.
    pub displacement: Vec<f64>,
    /// The weighted sum over load cases of `uᵀ k u`, by element.
    pub energies: Vec<f64>,
}

impl Elasticity {
    /// Loads a grid: forces on all components, one case after the other, and the weight of each case.
    pub fn new(analysis: Arc<Analysis>, forces: &[f64], weights: &[f64]) -> Result<Self, TooLarge> {
        let components = analysis.grid.components();
        let mut on_unknowns = vec![0.0; analysis.size() * weights.len()];
        let cases = on_unknowns.chunks_mut(analysis.size().max(1));
        for (unknowns, forces) in cases.zip(forces.chunks(components)) {
            analysis.gather(forces, unknowns);
        }
        Self::allocate(analysis, on_unknowns, weights)
    }

    /// The same grid under the same loads, with memory of its own.
    pub fn twin(&self) -> Result<Self, TooLarge> {
        Self::allocate(self.analysis.clone(), self.forces.clone(), &self.weights)
    }

    fn allocate(
        analysis: Arc<Analysis>,
        forces: Vec<f64>,
        weights: &[f64],
    ) -> Result<Self, TooLarge> {
        let mut factor = Vec::new();
        factor
            .try_reserve_exact(analysis.factor_entries())
            .map_err(|_| TooLarge)?;
        factor.resize(analysis.factor_entries(), 0.0);
        let fronts = &analysis.fronts;
        let depths = fronts.iter().map(|front| front.depth).max();
        let mut updates = vec![[Vec::new(), Vec::new()]; depths.map_or(0, |depth| depth + 2)];
        for front in fronts {
            let update: &mut Vec<f64> = &mut updates[front.depth][front.side];
            let needed = front.boundary.len() * front.boundary.len();
            update.resize(update.len().max(needed), 0.0);
        }
        let largest = fronts.iter().map(|front| front.size).max().unwrap_or(0);
        let order = fronts.iter().map(|front| front.order()).max().unwrap_or(0);
        let memory = cholesky_in_place_scratch::<f64>(largest, Par::Seq, Spec::default());
        Ok(Elasticity {
            unknowns: vec![0.0; forces.len()],
            forces,
            weights: weights.to_vec(),
            factor,
            updates,
            work: vec![0.0; order],
            memory: MemBuffer::new(memory),
            displacement: vec![0.0; analysis.grid.components() * weights.len()],
            energies: vec![0.0; analysis.grid.elements()],
            analysis,
        })
    }

    /// The grid and its supports.
    pub fn analysis(&self) -> &Analysis {
        &self.analysis
    }

    /// The weighted compliance for Young's moduli by element; sets the displacement and the energies.
    ///
    /// For the exact displacement the work of the forces and the energy are both the compliance. The quotient of the work's
    /// square and the energy is off by the square only of the displacement's error, and never above: no bound that
    /// the same displacement proves is more.
    pub fn solve(&mut self, moduli: &[f64]) -> Result<f64, Singular> {
        // The widest instructions that the processor has: the same code is compiled for each.
        Arch::new().dispatch(|| {
            self.factorise(moduli)?;
            let work = self.displace();
            let energies = self.energies.iter().zip(moduli);
            let energy: f64 = energies.map(|(energy, modulus)| modulus * energy).sum();
            Ok(if work > 0.0 {
                work * (work / energy)
            } else {
                0.0
            })
        })
    }

    /// Assembles and factorises the stiffness matrix, front by front, and solves forward while a front is at hand.
    #[inline(always)]
    fn factorise(&mut self, moduli: &[f64]) -> Result<(), Singular> {
        self.unknowns.copy_from_slice(&self.forces);
        let fronts = &self.analysis.fronts;
        for front in fronts {
            let around = front.boundary.len();
            let panel = &mut self.factor[front.start..][..front.order() * front.size];
            let (upper, lower) = self.updates.split_at_mut(front.depth + 1);
            let update = &mut upper[front.depth][front.side][..around * around];
            let halves = || {
                let halves = front.halves.into_iter().flatten();
                halves.map(|half| (&fronts[half], &lower[0][fronts[half].side]))
            };
            panel.fill(0.0);
            assemble(front, Part::Panel, moduli, panel);
            for (half, below) in halves() {
                extend(front, Part::Panel, half, below, panel);
            }
            if front.size > 0 {
                eliminate(front, panel, update, &mut self.memory)?;
            } else {
                update.fill(0.0);
            }
            assemble(front, Part::Update, moduli, update);
            for (half, below) in halves() {
                extend(front, Part::Update, half, below, update);
            }
            for case in self.unknowns.chunks_exact_mut(self.analysis.size().max(1)) {
                solve_forward(front, panel, case, &mut self.work);
            }
        }
        Ok(())
    }

    /// Solves backward for all load cases, sets displacements and energies, and returns the work of the forces.
    #[inline(always)]
    fn displace(&mut self) -> f64 {
        let size = self.analysis.size().max(1);
        for front in self.analysis.fronts.iter().rev() {
            let panel = &self.factor[front.start..][..front.order() * front.size];
            for case in self.unknowns.chunks_exact_mut(size) {
                solve_backward(front, panel, case, &mut self.work);
            }
        }
        self.energies.fill(0.0);
        let mut total = 0.0;
        let components = self.analysis.grid.components();
        let cases = self.unknowns.chunks_exact(size).zip(&self.weights);
        let loaded = self.forces.chunks_exact(size);
        let displaced = self.displacement.chunks_exact_mut(components);
        for (((unknowns, &weight), forces), displacement) in cases.zip(loaded).zip(displaced) {
            self.analysis.scatter(unknowns, displacement);
            let elements = self.analysis.grid.element_components();
            for (energy, element) in self.energies.iter_mut().zip(elements) {
                let corners = element.map(|component| displacement[component]);
                *energy += weight * element::energy(&corners);
            }
            let work: f64 = forces.iter().zip(unknowns).map(|(f, u)| f * u).sum();
            total += weight * work;
        }
        total
    }
}
