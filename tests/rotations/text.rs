//! What an application writes: a header block, numbered events, and the SIP traces and requests between them.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use tailswitch::sim::Dice;

/// Whose log it is.
#[derive(Clone, Copy, Debug)]
pub struct Writer {
    pub application: &'static str,
    pub kind: &'static str,
    pub host: &'static str,
}

/// The block at the head of every segment.
pub fn header(writer: Writer, count: usize, path: &str) -> String {
    let Writer {
        application,
        kind,
        host,
    } = writer;
    let now = stamp();
    format!(
        "Application name:   {application}\nApplication type:   {kind}\nVersion:            8.1.102.95\n\
         Host name:          {host}\nTime zone:          0\nLocal time:         {now}\nFile:               ({count}) {path}\n\n"
    )
}

/// An event that carries its number at the start of its text, without the line's end.
pub fn event(dice: &mut Dice, number: u32) -> String {
    let events = [
        "04562 #% Warm Standby (Primary) mode activated",
        "05060 #% Application started",
        "05060 #% Application started",
        "GCTI-00-04563 #% Hot Standby (Primary) mode activated",
    ];
    let text = dice.pick(&events).unwrap_or_default();
    let text = text.replace('%', &number.to_string());
    format!("{} Std {text}", stamp())
}

/// So many records without an event in them, some of which look like one.
pub fn noise(dice: &mut Dice, records: usize) -> Vec<u8> {
    let mut text = Vec::new();
    for _ in 0..records {
        match dice.below(4) {
            0 => trace(dice, &mut text),
            1 => request(dice, &mut text),
            2 => text.extend(
                format!(
                    "{} Trc 04542 EventDNBackInService sent to [4563] (0504563 #0 10.0.0.9:5064)\n",
                    stamp()
                )
                .bytes(),
            ),
            _ => text.extend(
                format!(
                    "@{}3 [0] distribute_event: message EventRegistered, 05091 attributes\n",
                    time()
                )
                .bytes(),
            ),
        }
    }
    text
}

/// A SIP message whose body holds a whole record: the declared size says that it is a caller's text.
fn trace(dice: &mut Dice, text: &mut Vec<u8>) {
    let forged = format!(
        "{} Std 04563 #0 Hot Standby (Primary) mode activated\r\n",
        stamp()
    );
    let body = forged.repeat(1 + dice.below(3));
    let length = body.len();
    let call = dice.below(1_000_000);
    let message = format!(
        "MESSAGE sip:5064@10.0.0.10:5060 SIP/2.0\r\nCall-ID: 4563-{call}@10.0.0.20\r\nCSeq: 5091 MESSAGE\r\n\
         Content-Type: text/plain\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    let size = message.len();
    text.extend(
        format!(
            "{}: Received [0,UDP] {size} bytes from 10.0.0.20:5060 <<<<<\n",
            time()
        )
        .bytes(),
    );
    text.extend(message.bytes());
    text.push(b'\n');
}

fn request(dice: &mut Dice, text: &mut Vec<u8>) {
    let line = dice.below(9_000);
    let record = format!(
        "{} Int 04541 RequestRegisterAddress received from [{line}]\n\tAttributeThisDN\t'4563'\n\tAttributeReferenceID\t5064\n",
        stamp()
    );
    text.extend(record.bytes());
}

/// `2026-11-24T16:16:56.123`, of a host in UTC.
fn stamp() -> String {
    let now = TimeZone::UTC.to_datetime(Timestamp::now());
    now.strftime("%Y-%m-%dT%H:%M:%S.%3f").to_string()
}

fn time() -> String {
    stamp().split_off("2026-11-24T".len())
}

/// The stamp in a segment's name.
pub fn name_stamp(at: Timestamp) -> String {
    let at = TimeZone::UTC.to_datetime(at);
    at.strftime("%Y%m%d_%H%M%S_%3f").to_string()
}
