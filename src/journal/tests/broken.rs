//! Whatever happens to the files: nothing that was lost is taken for whole, nothing panics, and the daemon can
//! start, if only to alert.

use std::fs;

use proptest::prelude::*;

use super::*;

struct Written {
    bench: Bench,
    topology: Arc<Topology>,
    state: serde_json::Value,
    files: Vec<(String, Vec<u8>)>,
}

const FILES: [&str; 3] = ["journal.sqlite", "journal.sqlite-wal", "head"];

/// A journal with a snapshot and entries behind it, some in the database and some in the write-ahead log.
fn written() -> Written {
    let (bench, topology) = (Bench::new(), topology());
    let mut core = Core::new(topology.clone());
    let (mut journal, _) = bench.open(&topology);
    let heard = host_failure();
    bench.write(&mut journal, &decided(&mut core, &heard[..3]));
    journal.snapshot_now(bench.at(core.state.now), &core.state);
    journal.checkpoint().unwrap();
    bench.write(&mut journal, &decided(&mut core, &heard[3..]));
    drop(journal);
    let read = |name: &str| (name.to_string(), fs::read(bench.path().join(name)).unwrap());
    let files = FILES.map(read).into_iter().collect();
    Written {
        state: serde_json::to_value(&core.state).unwrap(),
        bench,
        topology,
        files,
    }
}

impl Written {
    /// Puts the files back as they were, with one of them changed.
    fn restore(&self, changed: &str, bytes: &[u8]) {
        let _ = fs::remove_dir_all(self.bench.path());
        drop(self.bench.open(&self.topology));
        for name in [
            "journal.sqlite",
            "journal.sqlite-wal",
            "journal.sqlite-shm",
            "head",
        ] {
            let _ = fs::remove_file(self.bench.path().join(name));
        }
        for (name, whole) in &self.files {
            let bytes = if name == changed { bytes } else { whole };
            fs::write(self.bench.path().join(name), bytes).unwrap();
        }
    }

    /// Either all is known, or damage is told and stays told.
    fn check(&self, what: &str) {
        let (journal, recovered) = match self.bench.try_open(&self.topology) {
            Ok(opened) => opened,
            // The version itself was hit: nothing is touched, and the message names it.
            Err(OpenError::Newer { .. }) => return,
            Err(error) => panic!("{what}: {error}"),
        };
        let told = serde_json::to_value(&recovered.state).unwrap();
        if recovered.damage.is_empty() {
            assert_eq!(told, self.state, "{what}: taken for whole");
        }
        assert_eq!(journal.dead(), None, "{what}");
        drop(journal);
        let (mut journal, again) = self.bench.open(&self.topology);
        assert_eq!(again.damage, recovered.damage, "{what}: told once only");
        assert_eq!(serde_json::to_value(&again.state).unwrap(), told, "{what}");
        let entry = Entry::WorldDoubted { at: start() };
        journal
            .append(self.bench.at(start()), &[entry], &[])
            .unwrap();
        journal
            .settle_damage(start(), "me", "looked at it")
            .unwrap();
        drop(journal);
        let (_, settled) = self.bench.open(&self.topology);
        assert_eq!(settled.damage, [], "{what}");
    }

    fn len(&self, name: &str) -> usize {
        self.file(name).len()
    }

    fn file(&self, name: &str) -> &[u8] {
        &self.files.iter().find(|(each, _)| each == name).unwrap().1
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..Default::default() })]

    #[test]
    fn a_cut_or_a_flip_anywhere_is_told(
        file in 0_usize..3, place in 0.0_f64..1.0, bit in 0_u32..8, cut in any::<bool>()
    ) {
        let written = written();
        let name = FILES[file];
        let mut bytes = written.file(name).to_vec();
        let at = (written.len(name) as f64 * place) as usize;
        if cut {
            bytes.truncate(at);
        } else {
            bytes[at] ^= 1 << bit;
        }
        written.restore(name, &bytes);
        written.check(&format!("{name} at {at}, {}", if cut { "cut" } else { "flipped" }));
    }
}

#[test]
fn a_file_of_nuls_is_kept_aside_and_a_new_one_is_begun_unarmed() {
    let written = written();
    let nuls = vec![0; written.len("journal.sqlite")];
    written.restore("journal.sqlite", &nuls);
    let (_, recovered) = written.bench.open(&written.topology);
    let [damage] = recovered.damage.as_slice() else {
        panic!("{:?}", recovered.damage)
    };
    let aside = Path::new(damage.aside.as_deref().unwrap());
    assert_eq!(fs::read(aside.join("journal.sqlite")).unwrap(), nuls);
    assert!(damage.seq > 0, "the head knows how far it went: {damage:?}");
}

#[test]
fn losses_are_told_in_plain_words() {
    let written = written();
    let path = |name: &str| written.bench.path().join(name);
    let restore = || written.restore("", &[]);
    type Break = Box<dyn Fn()>;
    let (wal, head, all) = (path(FILES[1]), path("head"), path(FILES[0]));
    let (wal_too, edited) = (wal.clone(), all.clone());
    let cases: [(&str, Break); 4] = [
        (
            "the journal was cut off or is an older copy",
            Box::new(move || fs::remove_file(&wal).unwrap()),
        ),
        (
            "the file `head` is gone",
            Box::new(move || fs::remove_file(&head).unwrap()),
        ),
        (
            "the journal was cut off or is an older copy",
            Box::new(move || {
                fs::remove_file(&all).unwrap();
                fs::remove_file(&wal_too).unwrap();
            }),
        ),
        (
            "is not what was written",
            Box::new(move || {
                let connection = rusqlite::Connection::open(&edited).unwrap();
                let sql = r#"UPDATE entries SET payload = replace(payload, '"text":"text"', '"text":"next"')
                    WHERE seq = (SELECT max(seq) FROM entries WHERE payload LIKE '%"text":"text"%')"#;
                assert_eq!(connection.execute(sql, []).unwrap(), 1);
            }),
        ),
    ];
    for (what, change) in cases {
        restore();
        change();
        let (_, recovered) = written.bench.open(&written.topology);
        let told: Vec<_> = recovered.damage.iter().map(|damage| &damage.what).collect();
        assert!(
            told.len() == 1 && told[0].contains(what),
            "{what}: {told:?}"
        );
        written.check(what);
    }
}

#[test]
fn damage_that_a_start_does_not_see_is_found_by_a_full_check() {
    let written = written();
    written.restore("", &[]);
    let connection = rusqlite::Connection::open(written.bench.path().join(FILES[0])).unwrap();
    connection
        .execute("UPDATE entries SET kind = 'alert' WHERE seq = 2", [])
        .unwrap();
    connection
        .execute("DELETE FROM entries WHERE seq = 4", [])
        .unwrap();
    drop(connection);
    let verified = Reader::open(&written.bench.path())
        .unwrap()
        .verify()
        .unwrap();
    assert_eq!(verified.breaks, [2, 5]);
}
