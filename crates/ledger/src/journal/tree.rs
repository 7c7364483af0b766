//! The Merkle tree of RFC 6962, section 2.1, over the stored hashes of the entries.

use sha2::{Digest, Sha256};

use super::Hash;

/// The root being computed, leaf by leaf, in memory that grows with the logarithm of the entries.
#[derive(Debug, Clone, Default)]
pub struct Tree {
    /// Complete subtrees from large to small, each with the count of its leaves.
    subtrees: Vec<(u64, Hash)>,
    size: u64,
}

fn node(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([1_u8]).chain_update(left).chain_update(right).finalize().into()
}

impl Tree {
    /// Adds the next leaf, by its leaf hash.
    pub fn push(&mut self, leaf: Hash) {
        self.size += 1;
        let (mut count, mut hash) = (1, leaf);
        while let Some((same, left)) = self.subtrees.pop() {
            if same != count {
                self.subtrees.push((same, left));
                break;
            }
            hash = node(&left, &hash);
            count *= 2;
        }
        self.subtrees.push((count, hash));
    }

    /// How many leaves it has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The root; of no leaves, the hash of nothing.
    pub fn root(&self) -> Hash {
        let mut right = self.subtrees.iter().rev().map(|(_, hash)| *hash);
        match right.next() {
            None => Sha256::digest([]).into(),
            Some(last) => right.fold(last, |right, left| node(&left, &right)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::entry::{hex, leaf_hash};

    /// The definition of RFC 6962 as it is written: split at the largest power of two below the count.
    fn by_definition(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => Sha256::digest([]).into(),
            [one] => *one,
            more => {
                let mut split = 1;
                while split * 2 < more.len() {
                    split *= 2;
                }
                node(&by_definition(&more[..split]), &by_definition(&more[split..]))
            }
        }
    }

    #[test]
    fn the_root_is_that_of_the_rfc() {
        let mut tree = Tree::default();
        let mut leaves = Vec::new();
        for i in 0..70_u8 {
            assert_eq!(tree.root(), by_definition(&leaves), "{i} leaves");
            leaves.push(leaf_hash(&[i]));
            tree.push(leaf_hash(&[i]));
        }
        // Test vectors of the certificate-transparency reference implementation.
        assert_eq!(hex(&Tree::default().root()), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        let mut tree = Tree::default();
        tree.push(leaf_hash(b""));
        assert_eq!(hex(&tree.root()), "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
        tree.push(leaf_hash(&[0]));
        assert_eq!(hex(&tree.root()), "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125");
    }
}
