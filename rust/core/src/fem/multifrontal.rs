//! The multifrontal factorisation: `K = L Lᵀ`, one small dense matrix after another.
//!
//! A front gathers the elements that are complete only here and the updates of its halves, eliminates its first unknowns and
//! leaves the update `-L₂₁ L₂₁ᵀ` of the others to its parent (Duff and Reid 1983, "The multifrontal solution of indefinite
//! sparse symmetric linear equations"). All matrices are stored by columns; of what is symmetric only the lower
//! triangle is looked at.

use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::cholesky::llt::factor::{LltParams, LltRegularization, cholesky_in_place};
use faer::linalg::matmul::triangular::{self, BlockStructure};
use faer::linalg::triangular_solve::solve_lower_triangular_in_place;
use faer::{Accum, MatMut, Par, Spec};

use super::analysis::{Front, HELD};
use super::elasticity::Singular;
use super::element;

/// The columns of a front that are eliminated, or the update.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Panel,
    Update,
}

/// Where the columns of a part begin and how long they are.
struct Block<'a> {
    entries: &'a mut [f64],
    /// The rows and columns of the front before the first.
    skipped: usize,
    length: usize,
}

impl<'a> Block<'a> {
    fn new(front: &Front, part: Part, entries: &'a mut [f64]) -> Self {
        match part {
            Part::Panel => Block {
                entries,
                skipped: 0,
                length: front.order(),
            },
            Part::Update => Block {
                entries,
                skipped: front.size,
                length: front.boundary.len(),
            },
        }
    }

    /// A column of the front from some row on.
    #[inline(always)]
    fn column(&mut self, column: usize, row: usize) -> &mut [f64] {
        let start = (column - self.skipped) * self.length;
        &mut self.entries[start + row - self.skipped..start + self.length]
    }
}

/// Adds the elements of a front, with their moduli, to a part of it.
#[inline(always)]
pub(super) fn assemble(front: &Front, part: Part, moduli: &[f64], entries: &mut [f64]) {
    let stiffness = element::stiffness();
    let mut block = Block::new(front, part, entries);
    for (element, places) in &front.elements {
        let modulus = moduli[*element as usize];
        for (i, &one) in places.iter().enumerate() {
            for (j, &other) in places[..=i].iter().enumerate() {
                let (row, column) = (one.max(other), one.min(other));
                let eliminated = (column as usize) < front.size;
                if row != HELD && eliminated == (part == Part::Panel) {
                    block.column(column as usize, row as usize)[0] += modulus * stiffness[i][j];
                }
            }
        }
    }
}

/// Adds the update of a half to a part of its parent's front.
#[inline(always)]
pub(super) fn extend(front: &Front, part: Part, half: &Front, update: &[f64], entries: &mut [f64]) {
    let length = half.boundary.len();
    let mut block = Block::new(front, part, entries);
    for (index, run) in half.runs.iter().enumerate() {
        if (run.to < front.size) != (part == Part::Panel) {
            continue;
        }
        for ahead in 0..run.length {
            let source = &update[(run.from + ahead) * length..][..length];
            let column = run.to + ahead;
            let mut add = |from: usize, to: usize, count: usize| {
                let target = block.column(column, to)[..count].iter_mut();
                target
                    .zip(&source[from..][..count])
                    .for_each(|(a, b)| *a += b);
            };
            add(run.from + ahead, column, run.length - ahead);
            for other in &half.runs[index + 1..] {
                add(other.from, other.to, other.length);
            }
        }
    }
}

/// Factorises the columns of a front; the update becomes what they take from the rest.
pub(super) fn eliminate(
    front: &Front,
    panel: &mut [f64],
    update: &mut [f64],
    memory: &mut MemBuffer,
) -> Result<(), Singular> {
    let (size, around) = (front.size, front.boundary.len());
    let panel = MatMut::from_column_major_slice_mut(panel, front.order(), size);
    let (mut top, mut bottom) = panel.split_at_row_mut(size);
    let regularization = LltRegularization::default();
    let memory = MemStack::new(memory);
    let params = Spec::<LltParams, f64>::default();
    cholesky_in_place(top.as_mut(), regularization, Par::Seq, memory, params)
        .map_err(|_| Singular)?;
    solve_lower_triangular_in_place(top.as_ref(), bottom.as_mut().transpose_mut(), Par::Seq);
    triangular::matmul(
        MatMut::from_column_major_slice_mut(update, around, around),
        BlockStructure::TriangularLower,
        Accum::Replace,
        bottom.as_ref(),
        BlockStructure::Rectangular,
        bottom.as_ref().transpose(),
        BlockStructure::Rectangular,
        -1.0,
        Par::Seq,
    );
    Ok(())
}

/// One front's part of `L y = f`: from right-hand sides to intermediate ones, in place.
#[inline(always)]
pub(super) fn solve_forward(front: &Front, panel: &[f64], unknowns: &mut [f64], work: &mut [f64]) {
    let work = &mut work[..front.order()];
    let (eliminated, around) = work.split_at_mut(front.size);
    eliminated.copy_from_slice(&unknowns[front.first..][..front.size]);
    around.fill(0.0);
    for (column, entries) in panel.chunks_exact(front.order()).enumerate() {
        let value = work[column] / entries[column];
        work[column] = value;
        let below = work[column + 1..].iter_mut();
        below
            .zip(&entries[column + 1..])
            .for_each(|(entry, l)| *entry -= value * l);
    }
    unknowns[front.first..][..front.size].copy_from_slice(&work[..front.size]);
    for (&unknown, change) in front.boundary.iter().zip(&work[front.size..]) {
        unknowns[unknown as usize] += change;
    }
}

/// One front's part of `Lᵀ u = y`, in place.
#[inline(always)]
pub(super) fn solve_backward(front: &Front, panel: &[f64], unknowns: &mut [f64], work: &mut [f64]) {
    let work = &mut work[..front.order()];
    let (eliminated, around) = work.split_at_mut(front.size);
    eliminated.copy_from_slice(&unknowns[front.first..][..front.size]);
    for (&unknown, value) in front.boundary.iter().zip(around) {
        *value = unknowns[unknown as usize];
    }
    for (column, entries) in panel.chunks_exact(front.order()).enumerate().rev() {
        let known = dot(&entries[column + 1..], &work[column + 1..]);
        work[column] = (work[column] - known) / entries[column];
    }
    unknowns[front.first..][..front.size].copy_from_slice(&work[..front.size]);
}

/// A sum of products in eight lanes, which a processor adds at once.
#[inline(always)]
fn dot(a: &[f64], b: &[f64]) -> f64 {
    const LANES: usize = 8;
    let (a_lanes, b_lanes) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let rest = a_lanes.remainder().iter().zip(b_lanes.remainder());
    let rest: f64 = rest.map(|(a, b)| a * b).sum();
    let mut lanes = [0.0; LANES];
    for (a, b) in a_lanes.zip(b_lanes) {
        for lane in 0..LANES {
            lanes[lane] += a[lane] * b[lane];
        }
    }
    rest + lanes.iter().sum::<f64>()
}
