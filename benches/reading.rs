//! Reading, in bytes a second: whole logs by the search and line by line, lines, stamps.
//!
//! `cargo bench --bench reading`. `bench/README.md` says how the whole program compares with others.

use std::fmt::Write;
use std::hint::black_box;
use std::sync::Arc;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

use tailswitch::pack::Packs;
use tailswitch::record::lines::Lines;
use tailswitch::record::stamp;
use tailswitch::scan::{Limits, Scanner, Segment};

const LOG_BYTES: usize = 8 * 1024 * 1024;
const HEADER: &str = "Application name:\tSIPS 2\nApplication type:\tTServer (1)\nTime zone:\t0\n\
    Local time:\t2026-11-02T20:30:00.000\nFile:\t(1) /logs/sips2.log\n";
const MESSAGE: &str = "INVITE sip:4563@10.0.0.9:5060 SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.1.7:5064;branch=z9hG4bK-3724\r\n\
    From: <sip:5638@10.0.1.7:5091>;tag=ec34\r\nCall-ID: 31352b1a-4563-fcf1fea0403a@10.0.1.7\r\nCSeq: 7314 INVITE\r\n\
    Allow: INVITE, ACK, CANCEL, OPTIONS, BYE, REFER, NOTIFY, SUBSCRIBE, UPDATE\r\nContent-Length: 0\r\n\r\n";

/// A second of a busy log over and over: a SIP trace, an event of the T-Library, a short record.
fn log() -> String {
    let mut log = HEADER.to_owned();
    let mut number = 0;
    while log.len() < LOG_BYTES {
        number += 1;
        let stamp = format!(
            "20:{:02}:{:02}.{:03}",
            number / 60_000 % 60,
            number / 1000 % 60,
            number % 1000
        );
        let size = MESSAGE.len();
        let _ = write!(
            log,
            "{stamp}: SIPTR: Received [0,UDP] {size} bytes from 10.0.1.7:5064 <<<<<\n{MESSAGE}"
        );
        let _ = writeln!(
            log,
            "{stamp} Trc 04541 Message EventRinging sent to 84 (VM_Server_1)"
        );
        for attribute in [
            "ThisDN\t'4563'",
            "ConnID\t00710d2a5064b001",
            "CallID\t5091",
            "CallType\t2",
        ] {
            let _ = writeln!(log, "\tAttribute{attribute}");
        }
        let _ = writeln!(
            log,
            "{stamp} Trc 36002 Request rejected: error code 93(Invalid connection id)"
        );
    }
    log
}

fn scan(
    bytes: &[u8],
    packs: &Arc<Packs>,
    portion: usize,
    pack: Option<&'static str>,
    lives: bool,
) -> u64 {
    let packs = packs.clone();
    let mut scanner = Scanner::new(Segment::new("a.log"), Limits::default(), move |header| {
        packs
            .matcher(header.application_type.as_deref(), pack)
            .unwrap()
    });
    if lives {
        scanner.tell_life();
    }
    for bytes in bytes.chunks(portion) {
        scanner.push(bytes, &mut |found| drop(black_box(found)));
    }
    scanner
        .finish(&mut |found| drop(black_box(found)))
        .counts
        .lines
}

fn reading(criterion: &mut Criterion) {
    let log = log();
    let packs = Arc::new(Packs::builtin());
    let mut group = criterion.benchmark_group("scanner");
    group.throughput(Throughput::Bytes(log.len() as u64));
    for (name, pack, portion, lives) in [
        ("captured", None, 256 * 1024, false),
        ("replayed", None, 64 * 1024, true),
        ("live, portions of 4 KiB", None, 4096, true),
        // Solution Control Server's rules read every line.
        ("line by line", Some("scs"), 256 * 1024, false),
    ] {
        group.bench_function(BenchmarkId::from_parameter(name), |bencher| {
            bencher.iter(|| scan(log.as_bytes(), &packs, portion, pack, lives));
        });
    }
    group.finish();
}

fn framing(criterion: &mut Criterion) {
    let log = log();
    let mut group = criterion.benchmark_group("lines");
    group.throughput(Throughput::Bytes(log.len() as u64));
    group.bench_function("narrow", |bencher| {
        bencher.iter(|| {
            let mut lines = Lines::new(None, 1 << 20);
            lines.push(log.as_bytes(), &mut |piece| {
                black_box(piece);
            });
        });
    });
    group.finish();
}

fn stamps(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("stamp");
    for line in [
        "20:31:07.412 Std 04563 x",
        "2026-11-02T20:31:07.412+01:00 Std 04563 x",
        "Mon Nov  2 20:31:07 2026.412 x",
        "\tAttributeThisDN '4563'",
    ] {
        group.bench_function(BenchmarkId::from_parameter(line), |bencher| {
            bencher.iter(|| stamp::leading(black_box(line.as_bytes())));
        });
    }
    group.finish();
}

criterion_group!(benches, reading, framing, stamps);
criterion_main!(benches);
