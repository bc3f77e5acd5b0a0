//! A grid of square elements, in the order of an image: row 0 at the top, component 1 pointing down.

/// A rectangle of `width` by `height` square elements of unit side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grid {
    /// Elements along x.
    pub width: usize,
    /// Elements along y.
    pub height: usize,
}

impl Grid {
    /// The number of elements.
    pub fn elements(self) -> usize {
        self.width * self.height
    }

    /// The number of nodes.
    pub fn nodes(self) -> usize {
        (self.width + 1) * (self.height + 1)
    }

    /// The element so many rows and columns away from another, if there is one.
    pub fn neighbour(self, element: usize, (down, right): (isize, isize)) -> Option<usize> {
        let y = (element / self.width).checked_add_signed(down)?;
        let x = (element % self.width).checked_add_signed(right)?;
        (y < self.height && x < self.width).then_some(y * self.width + x)
    }

    /// The number of displacement components, held or free: two a node.
    pub fn components(self) -> usize {
        2 * self.nodes()
    }

    /// The node in a column and a row.
    pub fn node(self, x: usize, y: usize) -> usize {
        y * (self.width + 1) + x
    }

    /// The corners of the element in a column and a row, once around.
    pub fn corners(self, x: usize, y: usize) -> [usize; 4] {
        let first = self.node(x, y);
        let below = self.node(x, y + 1);
        [first, first + 1, below + 1, below]
    }

    /// All elements in order, each as the displacement components of its corners.
    pub fn element_components(self) -> impl Iterator<Item = [usize; 8]> {
        (0..self.height).flat_map(move |y| {
            (0..self.width).map(move |x| {
                let corners = self.corners(x, y);
                std::array::from_fn(|index| 2 * corners[index / 2] + index % 2)
            })
        })
    }
}
