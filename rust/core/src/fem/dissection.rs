//! Geometric nested dissection: the order in which the nodes of a grid are eliminated.
//!
//! A line of nodes splits a rectangle in two; the halves come first, the line last, and each half likewise (George 1973,
//! "Nested dissection of a regular finite element mesh"). The factor of an n-node grid has O(n log n) entries.

use super::grid::Grid;

/// Rectangles of at most this many nodes are eliminated row by row.
const LEAF: usize = 8;

/// The nodes in their order of elimination.
pub fn elimination_order(grid: Grid) -> Vec<u32> {
    let mut order = Vec::with_capacity(grid.nodes());
    let whole = Rectangle {
        x: (0, grid.width + 1),
        y: (0, grid.height + 1),
    };
    whole.visit(&mut |part| order.extend(part.nodes(grid)));
    order
}

/// Half-open ranges of columns and rows of nodes.
#[derive(Clone, Copy)]
struct Rectangle {
    x: (usize, usize),
    y: (usize, usize),
}

impl Rectangle {
    /// Leaves and separators in their order of elimination.
    fn visit(self, found: &mut impl FnMut(Rectangle)) {
        let (width, height) = (self.x.1 - self.x.0, self.y.1 - self.y.0);
        if width.min(height) < 3 && width.max(height) < 5 || width * height <= LEAF {
            if width * height > 0 {
                found(self);
            }
            return;
        }
        let split = |(start, end): (usize, usize)| {
            let middle = start.midpoint(end);
            [(start, middle), (middle + 1, end), (middle, middle + 1)]
        };
        let [first, second, line] = if width >= height {
            split(self.x).map(|x| Rectangle { x, ..self })
        } else {
            split(self.y).map(|y| Rectangle { y, ..self })
        };
        first.visit(found);
        second.visit(found);
        found(line);
    }

    fn nodes(self, grid: Grid) -> impl Iterator<Item = u32> {
        (self.y.0..self.y.1)
            .flat_map(move |y| (self.x.0..self.x.1).map(move |x| grid.node(x, y) as u32))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_node_comes_once() {
        for width in 1..12 {
            for height in [1, 2, 3, 7, 20] {
                let grid = Grid { width, height };
                let mut order = elimination_order(grid);
                order.sort_unstable();
                assert!(order.iter().copied().eq(0..grid.nodes() as u32));
            }
        }
    }
}
