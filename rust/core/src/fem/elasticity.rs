//! Static equilibrium on a grid: Young's moduli in, displacements and energies out.

use std::sync::Arc;

use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::cholesky::llt::factor::LltRegularization;
use faer::sparse::SparseColMatRef;
use faer::sparse::linalg::cholesky::supernodal::{
    SupernodalLltRef, factorize_supernodal_numeric_llt, factorize_supernodal_numeric_llt_scratch,
};
use faer::{Conj, MatMut, Par, Spec};

use super::analysis::Analysis;
use super::element;

/// The stiffness matrix has no Cholesky factor: something can move without resistance, or a modulus is not a positive number.
#[derive(Debug)]
pub struct Singular;

/// A grid under load, with all the memory that its solution takes.
pub struct Elasticity {
    analysis: Arc<Analysis>,
    /// The forces on the unknowns, one load case after the other.
    forces: Vec<f64>,
    /// What each load case counts.
    weights: Vec<f64>,
    /// The lower triangle of the stiffness matrix.
    stiffness: Vec<f64>,
    factor: Vec<f64>,
    unknowns: Vec<f64>,
    memory: MemBuffer,
    /// The displacements of all components, one load case after the other.
    pub displacement: Vec<f64>,
    /// The weighted sum over load cases of `uᵀ k u`, by element.
    pub energies: Vec<f64>,
}

impl Elasticity {
    /// Loads a grid: forces on all components, one case after the other, and the weight of each case.
    pub fn new(analysis: Arc<Analysis>, forces: &[f64], weights: &[f64]) -> Self {
        let components = analysis.grid.components();
        let mut on_unknowns = vec![0.0; analysis.size() * weights.len()];
        let cases = on_unknowns.chunks_mut(analysis.size().max(1));
        for (unknowns, forces) in cases.zip(forces.chunks(components)) {
            analysis.gather(forces, unknowns);
        }
        let factor = analysis.factor();
        let factorise = factorize_supernodal_numeric_llt_scratch::<usize, f64>(
            factor,
            Par::Seq,
            Spec::default(),
        );
        let solve = factor.solve_in_place_scratch::<f64>(weights.len(), Par::Seq);
        Elasticity {
            unknowns: vec![0.0; on_unknowns.len()],
            forces: on_unknowns,
            weights: weights.to_vec(),
            stiffness: vec![0.0; analysis.entries()],
            factor: vec![0.0; analysis.factor_entries()],
            memory: MemBuffer::new(factorise.or(solve)),
            displacement: vec![0.0; components * weights.len()],
            energies: vec![0.0; analysis.grid.elements()],
            analysis,
        }
    }

    /// The same grid under the same loads, with memory of its own.
    pub fn twin(&self) -> Self {
        let mut forces = vec![0.0; self.displacement.len()];
        let cases = forces.chunks_mut(self.analysis.grid.components());
        for (forces, unknowns) in cases.zip(self.forces.chunks(self.analysis.size().max(1))) {
            self.analysis.scatter(unknowns, forces);
        }
        Elasticity::new(self.analysis.clone(), &forces, &self.weights)
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
        self.factorise(moduli)?;
        let work = self.displace();
        let energies = self.energies.iter().zip(moduli);
        let energy: f64 = energies.map(|(energy, modulus)| modulus * energy).sum();
        Ok(if work > 0.0 {
            work * (work / energy)
        } else {
            0.0
        })
    }

    /// Assembles and factorises the stiffness matrix.
    fn factorise(&mut self, moduli: &[f64]) -> Result<(), Singular> {
        self.analysis.assemble(moduli, &mut self.stiffness);
        let stored = self.stiffness.len() - 1;
        let stiffness =
            SparseColMatRef::new(self.analysis.pattern.as_ref(), &self.stiffness[..stored]);
        factorize_supernodal_numeric_llt(
            &mut self.factor,
            stiffness,
            LltRegularization::default(),
            self.analysis.factor(),
            Par::Seq,
            MemStack::new(&mut self.memory),
            Spec::default(),
        )
        .map_err(|_| Singular)?;
        Ok(())
    }

    /// Solves for all load cases and returns the work of the forces.
    fn displace(&mut self) -> f64 {
        let (size, cases) = (self.analysis.size(), self.weights.len());
        self.unknowns.copy_from_slice(&self.forces);
        SupernodalLltRef::new(self.analysis.factor(), &self.factor).solve_in_place_with_conj(
            Conj::No,
            MatMut::from_column_major_slice_mut(&mut self.unknowns, size, cases),
            Par::Seq,
            MemStack::new(&mut self.memory),
        );
        self.energies.fill(0.0);
        let mut total = 0.0;
        let components = self.analysis.grid.components();
        for (case, &weight) in self.weights.iter().enumerate() {
            let unknowns = &self.unknowns[case * size..][..size];
            let displacement = &mut self.displacement[case * components..][..components];
            self.analysis.scatter(unknowns, displacement);
            let elements = self.analysis.grid.element_components();
            for (energy, element) in self.energies.iter_mut().zip(elements) {
                let corners = element.map(|component| displacement[component]);
                *energy += weight * element::energy(&corners);
            }
            let forces = &self.forces[case * size..][..size];
            let work: f64 = forces.iter().zip(unknowns).map(|(f, u)| f * u).sum();
            total += weight * work;
        }
        total
    }
}
