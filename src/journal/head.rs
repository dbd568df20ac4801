//! The head: the newest entry's number and hash, kept outside the database. A database that was truncated,
//! rolled back or restored from an older copy is whole in itself; only the head knows that there was more.
//!
//! Two slots are written in turn, so that one of them always holds: a torn write costs the newer one, and the
//! older is a true head as well. It is written behind each commit and synced only now and then: what a crash of
//! the machine takes away from it can make it older, and an older head accuses nobody.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

use super::chain::{GENESIS, Hash, Seal};

pub(super) const NAME: &str = "head";
const MAGIC: &[u8; 8] = b"tswhead1";
/// Magic, turn, sequence number, hash of the entry, hash of all these.
const SLOT_BYTES: usize = 8 + 8 + 8 + 32 + 32;
/// Each slot in a block of its own.
const SLOT_APART: u64 = 4096;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub seq: i64,
    pub hash: Hash,
}

impl Head {
    pub const START: Head = Head {
        seq: 0,
        hash: GENESIS,
    };
}

#[derive(Debug)]
pub(super) struct HeadFile {
    file: File,
    turn: u64,
}

impl HeadFile {
    /// Opens or creates the file; the newest head that it holds.
    pub fn open(folder: &Path) -> io::Result<(HeadFile, Option<Head>)> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(folder.join(NAME))?;
        let newest = newest(&mut file)?;
        let turn = newest.map_or(0, |(turn, _)| turn + 1);
        Ok((HeadFile { file, turn }, newest.map(|(_, head)| head)))
    }

    pub fn write(&mut self, head: Head) -> io::Result<()> {
        let mut slot = Vec::with_capacity(SLOT_BYTES);
        slot.extend_from_slice(MAGIC);
        slot.extend_from_slice(&self.turn.to_le_bytes());
        slot.extend_from_slice(&head.seq.to_le_bytes());
        slot.extend_from_slice(&head.hash);
        let seal = seal(&slot);
        slot.extend_from_slice(&seal);
        self.file
            .seek(SeekFrom::Start(self.turn % 2 * SLOT_APART))?;
        self.file.write_all(&slot)?;
        self.turn += 1;
        Ok(())
    }

    pub fn sync(&self) -> io::Result<()> {
        self.file.sync_data()
    }
}

fn newest(file: &mut File) -> io::Result<Option<(u64, Head)>> {
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(0))?;
    file.take(2 * SLOT_APART).read_to_end(&mut bytes)?;
    let slots = bytes.chunks(SLOT_APART as usize).filter_map(parse);
    Ok(slots.max_by_key(|(turn, _)| *turn))
}

fn parse(block: &[u8]) -> Option<(u64, Head)> {
    let slot = block.get(..SLOT_BYTES)?;
    let (body, stored) = slot.split_at(SLOT_BYTES - 32);
    let rest = body.strip_prefix(MAGIC)?;
    let (turn, rest) = rest.split_first_chunk::<8>()?;
    let (seq, rest) = rest.split_first_chunk::<8>()?;
    let hash: Hash = rest.try_into().ok()?;
    let head = Head {
        seq: i64::from_le_bytes(*seq),
        hash,
    };
    (seal(body) == stored).then_some((u64::from_le_bytes(*turn), head))
}

fn seal(body: &[u8]) -> Hash {
    let mut seal = Seal::new("head");
    seal.bytes(body);
    seal.close()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(seq: i64) -> Head {
        Head {
            seq,
            hash: [seq as u8; 32],
        }
    }

    #[test]
    fn the_newest_head_is_found_again() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(HeadFile::open(folder.path()).unwrap().1, None);
        for seq in 1..5 {
            let (mut file, before) = HeadFile::open(folder.path()).unwrap();
            assert_eq!(before, (seq > 1).then(|| head(seq - 1)));
            file.write(head(seq)).unwrap();
        }
    }

    #[test]
    fn damage_anywhere_leaves_a_true_head_if_an_older_one() {
        let folder = tempfile::tempdir().unwrap();
        let (mut file, _) = HeadFile::open(folder.path()).unwrap();
        file.write(head(1)).unwrap();
        file.write(head(2)).unwrap();
        let path = folder.path().join(NAME);
        let whole = std::fs::read(&path).unwrap();
        for at in 0..whole.len() {
            for bytes in [
                whole[..at].to_vec(),
                [&whole[..at], &[whole[at] ^ 0x10], &whole[at + 1..]].concat(),
            ] {
                std::fs::write(&path, bytes).unwrap();
                let (_, found) = HeadFile::open(folder.path()).unwrap();
                assert!(
                    found.is_none_or(|found| found == head(1) || found == head(2)),
                    "{at}"
                );
            }
        }
    }
}
