//! What every stiffness matrix of a grid has in common: the unknowns, their order, and the fronts of the factorisation.

use std::collections::HashMap;

use super::dissection::{Rectangle, dissect};
use super::grid::Grid;

/// The place of a component that a support holds.
pub(super) const HELD: u32 = u32::MAX;

/// A dense matrix in the factorisation: unknowns that are eliminated in it, and those around them.
///
/// Its first columns become columns of the factor. What is left, the update, is added to the front of the parent.
pub(super) struct Front {
    /// The first unknown that is eliminated here.
    pub first: usize,
    /// How many are.
    pub size: usize,
    /// The unknowns around them, in the order of elimination.
    pub boundary: Vec<u32>,
    /// Where its columns begin in the factor.
    pub start: usize,
    /// The fronts whose updates are added to this one.
    pub halves: [Option<usize>; 2],
    /// How far down the tree it is, and on which side of its parent.
    pub depth: usize,
    pub side: usize,
    /// Where its boundary is found in the front of the parent.
    pub runs: Vec<Run>,
    /// The elements that are added up here, and the places of their components.
    pub elements: Vec<(u32, [u32; 8])>,
}

/// Neighbours in a boundary that are neighbours in the front of the parent, too.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run {
    pub from: usize,
    pub to: usize,
    pub length: usize,
}

/// The fronts of a grid with supports, found once.
pub struct Analysis {
    pub(super) grid: Grid,
    /// The unknown of every displacement component, in order of elimination, or [`HELD`].
    unknowns: Vec<u32>,
    size: usize,
    /// In order of elimination: halves before their parents.
    pub(super) fronts: Vec<Front>,
    factor_entries: usize,
}

impl Analysis {
    /// Orders and analyses a grid, `fixed` telling which displacement components are held.
    pub fn new(grid: Grid, fixed: &[bool]) -> Self {
        let domains = dissect(grid);
        let mut unknowns = vec![HELD; grid.components()];
        let mut turn = vec![0; grid.nodes()];
        let mut size = 0;
        let mut fronts = Vec::with_capacity(domains.len());
        for (index, domain) in domains.iter().enumerate() {
            let first = size;
            for node in domain.eliminated.nodes(grid) {
                turn[node] = index;
                for component in [2 * node, 2 * node + 1] {
                    if !fixed[component] {
                        unknowns[component] = size as u32;
                        size += 1;
                    }
                }
            }
            fronts.push(Front {
                first,
                size: size - first,
                boundary: Vec::new(),
                start: 0,
                halves: domain.halves,
                depth: domain.depth,
                side: 0,
                runs: Vec::new(),
                elements: Vec::new(),
            });
        }
        let mut factor_entries = 0;
        for (domain, front) in domains.iter().zip(&mut fronts) {
            let ring = domain
                .whole
                .ring(grid)
                .flat_map(|node| [2 * node, 2 * node + 1]);
            let around = ring.map(|component| unknowns[component]);
            front.boundary = around.filter(|&unknown| unknown != HELD).collect();
            front.boundary.sort_unstable();
            front.start = factor_entries;
            factor_entries += front.order() * front.size;
        }
        for parent in 0..fronts.len() {
            for (side, half) in fronts[parent].halves.into_iter().enumerate() {
                if let Some(half) = half {
                    fronts[half].runs = fronts[parent].runs_of(&fronts[half].boundary);
                    fronts[half].side = side;
                }
            }
        }
        for (element, components) in grid.element_components().enumerate() {
            // An element is added up where the first of its corners is eliminated: the others are all around then.
            let corners = [0, 2, 4, 6].map(|corner| turn[components[corner] / 2]);
            let front = &mut fronts[corners.into_iter().fold(usize::MAX, usize::min)];
            let places = components.map(|component| match unknowns[component] {
                HELD => HELD,
                unknown => front.place(unknown) as u32,
            });
            front.elements.push((element as u32, places));
        }
        Analysis {
            grid,
            unknowns,
            size,
            fronts,
            factor_entries,
        }
    }

    /// The number of unknowns.
    pub fn size(&self) -> usize {
        self.size
    }

    /// The number of entries of the factor, the zeros that are stored included.
    pub fn factor_entries(&self) -> usize {
        self.factor_entries
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

impl Front {
    /// The rows of the front.
    pub fn order(&self) -> usize {
        self.size + self.boundary.len()
    }

    /// The row of an unknown that is in the front.
    fn place(&self, unknown: u32) -> usize {
        match (unknown as usize).checked_sub(self.first) {
            Some(place) if place < self.size => place,
            _ => self.size + self.boundary.partition_point(|&other| other < unknown),
        }
    }

    /// Where the boundary of a half is found; no run is partly eliminated here.
    fn runs_of(&self, boundary: &[u32]) -> Vec<Run> {
        let mut runs: Vec<Run> = Vec::new();
        for (from, &unknown) in boundary.iter().enumerate() {
            let to = self.place(unknown);
            match runs.last_mut() {
                Some(run) if run.to + run.length == to && to != self.size => run.length += 1,
                _ => runs.push(Run {
                    from,
                    to,
                    length: 1,
                }),
            }
        }
        runs
    }
}

/// The bytes that a grid takes, with nothing held, before any of them is asked for.
pub fn estimated_bytes(grid: Grid, cases: usize) -> u64 {
    let whole = Rectangle {
        x: (0, grid.width + 1),
        y: (0, grid.height + 1),
    };
    let needs = Needs::of(whole, grid, &mut HashMap::new());
    // Forces, unknowns, displacements in and out, and the fields of the elements with their places in the fronts.
    let fields = 6 * cases as u64 * grid.components() as u64 + 12 * grid.elements() as u64;
    8 * (needs.factor + needs.updates + fields)
}

/// The numbers that the fronts below a rectangle store.
#[derive(Clone, Copy, Default)]
struct Needs {
    factor: u64,
    updates: u64,
}

impl Needs {
    /// Rectangles of one shape in surroundings of one shape are alike: there are few of them in a grid of any size.
    fn of(whole: Rectangle, grid: Grid, known: &mut HashMap<[usize; 4], Needs>) -> Needs {
        let wide = whole.widened(grid);
        let shape = [whole.x, whole.y, wide.x, wide.y].map(|(start, end)| end - start);
        if whole.count() == 0 {
            return Needs::default();
        }
        if let Some(&needs) = known.get(&shape) {
            return needs;
        }
        let boundary = 2 * (wide.count() - whole.count()) as u64;
        let (mut eliminated, mut needs) = (whole, Needs::default());
        if let Some([first, second, line]) = whole.split() {
            eliminated = line;
            let halves = [first, second].map(|half| Needs::of(half, grid, known));
            needs.factor = halves[0].factor + halves[1].factor;
            needs.updates = halves[0].updates.max(halves[1].updates);
        }
        let size = 2 * eliminated.count() as u64;
        needs.factor += size * (size + boundary);
        needs.updates += 2 * boundary * boundary;
        known.insert(shape, needs);
        needs
    }
}
