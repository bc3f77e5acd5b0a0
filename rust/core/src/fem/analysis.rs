//! What every stiffness matrix of a grid has in common: the unknowns and their order, the pattern, the shape of the factor.

use faer::Side;
use faer::sparse::SymbolicSparseColMat;
use faer::sparse::linalg::SupernodalThreshold;
use faer::sparse::linalg::cholesky::supernodal::SymbolicSupernodalCholesky;
use faer::sparse::linalg::cholesky::{
    CholeskySymbolicParams, SymbolicCholesky, SymbolicCholeskyRaw, SymmetricOrdering,
    factorize_symbolic_cholesky,
};

use super::dissection::elimination_order;
use super::element;
use super::grid::Grid;

/// The place of a component that a support holds.
const HELD: u32 = u32::MAX;

/// The pairs of an element's components, the lower triangle of its stiffness.
const PAIRS: usize = 36;

/// A grid is too large for the memory or for its indices.
#[derive(Debug)]
pub struct TooLarge;

/// The symbolic factorisation of a grid with supports, done once.
pub struct Analysis {
    pub(super) grid: Grid,
    /// The unknown of every displacement component, in order of elimination, or [`HELD`].
    unknowns: Vec<u32>,
    /// The lower triangle of the stiffness matrix.
    pub(super) pattern: SymbolicSparseColMat<usize>,
    /// Where the pairs of each element are added up; those with a held component just past the end.
    slots: Vec<u32>,
    cholesky: SymbolicCholesky<usize>,
}

impl Analysis {
    /// Orders and analyses a grid, `fixed` telling which displacement components are held.
    pub fn new(grid: Grid, fixed: &[bool]) -> Result<Self, TooLarge> {
        let mut unknowns = vec![HELD; grid.components()];
        let mut free = Vec::new();
        for node in elimination_order(grid) {
            for component in [2 * node as usize, 2 * node as usize + 1] {
                if !fixed[component] {
                    unknowns[component] = free.len() as u32;
                    free.push(component);
                }
            }
        }
        let (lower, upper) = triangles(grid, &unknowns, &free);
        let slots = slots(grid, &unknowns, &lower)?;
        let params = CholeskySymbolicParams {
            supernodal_flop_ratio_threshold: SupernodalThreshold::FORCE_SUPERNODAL,
            ..CholeskySymbolicParams::default()
        };
        let cholesky = factorize_symbolic_cholesky(
            upper.as_ref(),
            Side::Upper,
            SymmetricOrdering::Identity,
            params,
        )
        .map_err(|_| TooLarge)?;
        Ok(Analysis {
            grid,
            unknowns,
            pattern: lower,
            slots,
            cholesky,
        })
    }

    /// The number of unknowns.
    pub fn size(&self) -> usize {
        self.pattern.ncols()
    }

    /// The number of entries of the factor, the zeros that are stored included.
    pub fn factor_entries(&self) -> usize {
        self.cholesky.len_val()
    }

    pub(super) fn factor(&self) -> &SymbolicSupernodalCholesky<usize> {
        match self.cholesky.raw() {
            SymbolicCholeskyRaw::Supernodal(symbolic) => symbolic,
            SymbolicCholeskyRaw::Simplicial(_) => unreachable!("supernodes are forced"),
        }
    }

    /// The entries of the stiffness matrix that are stored, and one for what supports hold.
    pub(super) fn entries(&self) -> usize {
        self.pattern.row_idx().len() + 1
    }

    /// Adds up the stiffness matrix of Young's moduli by element.
    pub(super) fn assemble(&self, moduli: &[f64], values: &mut [f64]) {
        let stiffness = element::stiffness();
        let mut packed = [0.0; PAIRS];
        for (entry, (row, column)) in packed.iter_mut().zip(pairs()) {
            *entry = stiffness[row][column];
        }
        values.fill(0.0);
        for (&modulus, slots) in moduli.iter().zip(self.slots.chunks_exact(PAIRS)) {
            for (&slot, entry) in slots.iter().zip(packed) {
                values[slot as usize] += modulus * entry;
            }
        }
    }

    /// The unknowns among displacements of all components.
    pub(super) fn gather(&self, components: &[f64], unknowns: &mut [f64]) {
        for (&unknown, &value) in self.unknowns.iter().zip(components) {
            if unknown != HELD {
                unknowns[unknown as usize] = value;
            }
        }
    }

    /// All displacement components: the unknowns, and zero where supports hold.
    pub(super) fn scatter(&self, unknowns: &[f64], components: &mut [f64]) {
        for (&unknown, value) in self.unknowns.iter().zip(components) {
            *value = if unknown == HELD {
                0.0
            } else {
                unknowns[unknown as usize]
            };
        }
    }
}

fn pairs() -> impl Iterator<Item = (usize, usize)> {
    (0..8).flat_map(|row| (0..=row).map(move |column| (row, column)))
}

/// The lower and the upper triangle of the pattern, by columns.
fn triangles(
    grid: Grid,
    unknowns: &[u32],
    free: &[usize],
) -> (SymbolicSparseColMat<usize>, SymbolicSparseColMat<usize>) {
    let (mut lower_starts, mut upper_starts) = (vec![0], vec![0]);
    let (mut lower, mut upper) = (Vec::new(), Vec::new());
    let mut column = Vec::with_capacity(18);
    for (unknown, &component) in free.iter().enumerate() {
        column.clear();
        for node in grid.around(component / 2) {
            let both = &unknowns[2 * node..2 * node + 2];
            column.extend(
                both.iter()
                    .filter(|&&row| row != HELD)
                    .map(|&row| row as usize),
            );
        }
        column.sort_unstable();
        upper.extend(column.iter().filter(|&&row| row <= unknown));
        lower.extend(column.iter().filter(|&&row| row >= unknown));
        upper_starts.push(upper.len());
        lower_starts.push(lower.len());
    }
    let size = free.len();
    let matrix = |starts, rows| SymbolicSparseColMat::new_checked(size, size, starts, None, rows);
    (matrix(lower_starts, lower), matrix(upper_starts, upper))
}

/// Where every pair of every element is found in the lower triangle.
fn slots(
    grid: Grid,
    unknowns: &[u32],
    lower: &SymbolicSparseColMat<usize>,
) -> Result<Vec<u32>, TooLarge> {
    let end = lower.row_idx().len();
    if end >= u32::MAX as usize {
        return Err(TooLarge);
    }
    let mut slots = Vec::with_capacity(PAIRS * grid.elements());
    for components in grid.element_components() {
        let element = components.map(|component| unknowns[component]);
        for (a, b) in pairs() {
            let (column, row) = (element[a].min(element[b]), element[a].max(element[b]));
            slots.push(if row == HELD {
                end as u32
            } else {
                let start = lower.col_ptr()[column as usize];
                let rows = lower.row_idx_of_col_raw(column as usize);
                let offset = rows.partition_point(|&other| other < row as usize);
                (start + offset) as u32
            });
        }
    }
    Ok(slots)
}
