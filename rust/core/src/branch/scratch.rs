//! Rows that a thread needs for a moment, in memory that it has used before.

use std::cell::RefCell;
use std::ops::{Deref, DerefMut};

use super::kernel::Rows;

/// A thread keeps at most so many buffers.
const MOST_SPARE: usize = 16;

thread_local! {
    static SPARE: RefCell<Vec<Vec<f64>>> = const { RefCell::new(Vec::new()) };
}

/// Rows whose buffer goes back to the thread.
pub struct Scratch(Rows);

impl Scratch {
    /// Rows with any entries: they are to be written before they are read.
    pub fn rows(count: usize, width: usize) -> Self {
        let mut data = SPARE
            .with(|spare| spare.borrow_mut().pop())
            .unwrap_or_default();
        data.resize(count * width, 0.0);
        Scratch(Rows { width, data })
    }
}

impl Clone for Scratch {
    fn clone(&self) -> Self {
        let mut copy = Scratch::rows(self.count(), self.width);
        copy.data.copy_from_slice(&self.data);
        copy
    }
}

impl Deref for Scratch {
    type Target = Rows;
    fn deref(&self) -> &Rows {
        &self.0
    }
}

impl DerefMut for Scratch {
    fn deref_mut(&mut self) -> &mut Rows {
        &mut self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let data = std::mem::take(&mut self.0.data);
        // A thread that ends has no buffers any more.
        let _ = SPARE.try_with(|spare| {
            let mut spare = spare.borrow_mut();
            if spare.len() < MOST_SPARE {
                spare.push(data);
            }
        });
    }
}
