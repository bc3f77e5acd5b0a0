//! Geometric nested dissection: the order in which the nodes of a grid are eliminated.
//!
//! A line of nodes splits a rectangle in two; the halves come first, the line last, and each half likewise (George 1973,
//! "Nested dissection of a regular finite element mesh"). The factor of an n-node grid has O(n log n) entries.

use super::grid::Grid;

/// Rectangles of at most this many nodes are not split.
const LEAF: usize = 12;

/// Half-open ranges of columns and rows of nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rectangle {
    pub x: (usize, usize),
    pub y: (usize, usize),
}

/// A rectangle of nodes, all to be eliminated by the end of its turn.
#[derive(Clone, Copy, Debug)]
pub(super) struct Domain {
    pub whole: Rectangle,
    /// What is eliminated last: the line that splits it, or all of it.
    pub eliminated: Rectangle,
    /// The halves on both sides of the line, by their places in the list.
    pub halves: [Option<usize>; 2],
    /// How often the grid was split to get here.
    pub depth: usize,
}

/// All domains of a grid in the order of their elimination, the whole grid last.
pub(super) fn dissect(grid: Grid) -> Vec<Domain> {
    let mut domains = Vec::new();
    let whole = Rectangle {
        x: (0, grid.width + 1),
        y: (0, grid.height + 1),
    };
    dissect_part(whole, 0, &mut domains);
    domains
}

fn dissect_part(whole: Rectangle, depth: usize, domains: &mut Vec<Domain>) -> Option<usize> {
    if whole.count() == 0 {
        return None;
    }
    let mut domain = Domain {
        whole,
        eliminated: whole,
        halves: [None, None],
        depth,
    };
    if let Some([first, second, line]) = whole.split() {
        domain.eliminated = line;
        domain.halves = [first, second].map(|half| dissect_part(half, depth + 1, domains));
    }
    domains.push(domain);
    Some(domains.len() - 1)
}

impl Rectangle {
    pub fn count(self) -> usize {
        (self.x.1 - self.x.0) * (self.y.1 - self.y.0)
    }

    /// The halves and the line between them, across the longer side; nothing if it is small.
    pub fn split(self) -> Option<[Rectangle; 3]> {
        let cut = |(start, end): (usize, usize)| {
            let middle = start.midpoint(end);
            [(start, middle), (middle + 1, end), (middle, middle + 1)]
        };
        if self.count() <= LEAF {
            None
        } else if self.x.1 - self.x.0 >= self.y.1 - self.y.0 {
            Some(cut(self.x).map(|x| Rectangle { x, ..self }))
        } else {
            Some(cut(self.y).map(|y| Rectangle { y, ..self }))
        }
    }

    /// It and the nodes that share an element with it.
    pub fn widened(self, grid: Grid) -> Rectangle {
        let wide = |(start, end): (usize, usize), last: usize| {
            (start.saturating_sub(1), (end + 1).min(last + 1))
        };
        Rectangle {
            x: wide(self.x, grid.width),
            y: wide(self.y, grid.height),
        }
    }

    /// The nodes, row by row.
    pub fn nodes(self, grid: Grid) -> impl Iterator<Item = usize> {
        (self.y.0..self.y.1).flat_map(move |y| (self.x.0..self.x.1).map(move |x| grid.node(x, y)))
    }

    /// The nodes around it that share an element with it.
    pub fn ring(self, grid: Grid) -> impl Iterator<Item = usize> {
        let wide = self.widened(grid);
        (wide.y.0..wide.y.1).flat_map(move |y| {
            let beside = (self.y.0..self.y.1).contains(&y);
            let (left, right) = if beside { self.x } else { (wide.x.1, wide.x.1) };
            (wide.x.0..left)
                .chain(right..wide.x.1)
                .map(move |x| grid.node(x, y))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_node_is_eliminated_once_and_before_what_is_around() {
        for (width, height) in [(1, 1), (2, 9), (7, 3), (20, 20), (40, 11), (64, 1)] {
            let grid = Grid { width, height };
            let domains = dissect(grid);
            let mut turn = vec![usize::MAX; grid.nodes()];
            for (index, domain) in domains.iter().enumerate() {
                for node in domain.eliminated.nodes(grid) {
                    assert_eq!(turn[node], usize::MAX);
                    turn[node] = index;
                }
            }
            assert!(turn.iter().all(|&turn| turn < domains.len()));
            for (index, domain) in domains.iter().enumerate() {
                let ring: Vec<usize> = domain.whole.ring(grid).collect();
                assert_eq!(
                    ring.len() + domain.whole.count(),
                    domain.whole.widened(grid).count()
                );
                assert!(ring.iter().all(|&node| turn[node] > index));
                // A half is surrounded by the line that splits its parent and by what surrounds the parent.
                for half in domain.halves.into_iter().flatten() {
                    for node in domains[half].whole.ring(grid) {
                        assert!(turn[node] == index || ring.contains(&node));
                    }
                }
            }
        }
    }
}
