//! Proofs as bytes: a tag, a count and what it counts; whole numbers seven bits a byte, the last ones first.

use super::cover::MOST_BOXES;
use super::{Failure, Proof};

/// Proofs are nested no deeper: a sum of choices of sums of boxes.
const DEEPEST: usize = 4;

const NOTHING: u8 = 0;
const SUM: u8 = 1;
const CHOICES: u8 = 2;
const BOXES: u8 = 3;

/// Appends a proof.
pub fn write(proof: &Proof, bytes: &mut Vec<u8>) {
    match proof {
        Proof::Sum(terms) => {
            bytes.push(SUM);
            write_number(terms.len() as u64, bytes);
            for term in terms {
                match term {
                    None => bytes.push(NOTHING),
                    Some((bound, proof)) => {
                        write(proof, bytes);
                        bytes.extend(bound.to_le_bytes());
                    }
                }
            }
        }
        Proof::Choices(proofs) => {
            bytes.push(CHOICES);
            write_number(proofs.len() as u64, bytes);
            proofs.iter().for_each(|proof| write(proof, bytes));
        }
        Proof::Boxes(halvings) => {
            bytes.push(BOXES);
            write_number(halvings.len() as u64, bytes);
            halvings
                .iter()
                .for_each(|halving| write_number(u64::from(*halving), bytes));
        }
    }
}

/// Reads a proof that takes all the bytes.
pub fn read(bytes: &[u8]) -> Result<Proof, Failure> {
    let mut reader = Reader { left: bytes };
    match reader.proof(DEEPEST)? {
        Some(proof) if reader.left.is_empty() => Ok(proof),
        _ => Err(malformed()),
    }
}

fn malformed() -> Failure {
    "its bytes are not those of a proof".into()
}

fn write_number(mut number: u64, bytes: &mut Vec<u8>) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

struct Reader<'a> {
    left: &'a [u8],
}

impl Reader<'_> {
    fn take<const COUNT: usize>(&mut self) -> Result<[u8; COUNT], Failure> {
        let (taken, left) = self.left.split_first_chunk().ok_or_else(malformed)?;
        self.left = left;
        Ok(*taken)
    }

    fn number(&mut self) -> Result<u32, Failure> {
        let mut number = 0_u64;
        for shift in [0, 7, 14, 21, 28] {
            let [byte] = self.take()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return u32::try_from(number).map_err(|_| malformed());
            }
        }
        Err(malformed())
    }

    /// A count of what takes a byte each at least: memory is bounded by the bytes.
    fn count(&mut self) -> Result<usize, Failure> {
        let count = self.number()? as usize;
        if count > self.left.len().min(MOST_BOXES) {
            return Err(malformed());
        }
        Ok(count)
    }

    fn proof(&mut self, depth: usize) -> Result<Option<Proof>, Failure> {
        let depth = depth.checked_sub(1).ok_or_else(malformed)?;
        let [tag] = self.take()?;
        if tag == NOTHING {
            return Ok(None);
        }
        let count = self.count()?;
        Ok(Some(match tag {
            SUM => Proof::Sum(
                (0..count)
                    .map(|_| self.term(depth))
                    .collect::<Result<_, _>>()?,
            ),
            CHOICES => Proof::Choices(
                (0..count)
                    .map(|_| self.proof(depth)?.ok_or_else(malformed))
                    .collect::<Result<_, _>>()?,
            ),
            BOXES => Proof::Boxes(
                (0..count)
                    .map(|_| self.number())
                    .collect::<Result<_, _>>()?,
            ),
            _ => return Err(malformed()),
        }))
    }

    fn term(&mut self, depth: usize) -> Result<Option<(f64, Proof)>, Failure> {
        let Some(proof) = self.proof(depth)? else {
            return Ok(None);
        };
        Ok(Some((f64::from_le_bytes(self.take()?), proof)))
    }
}
