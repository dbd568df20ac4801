//! What such applications write all day, between the records that matter. SIP messages hold the digits of every event.

use super::cast::{Kind, VIP, Who};
use super::wording::{iso, record, scs};
use crate::time::Time;

const PREMISE: &str = "10.0.0.20:5060";

/// The `number`th record between the others.
pub(super) fn noise(who: Who, now: Time, number: u64) -> String {
    let short = |text: String| record(now, &text);
    match who.kind() {
        Kind::VmSipServer | Kind::PremiseSipServer => sip_server(now, number),
        Kind::VmServer => short(match number % 3 {
            0 => format!(
                "Trc 04541 RequestRegisterAddress received from [{}] (00000003 {VIP}:41822)",
                300 + number % 9
            ),
            1 => format!(
                "Dbg 09900 mailbox 7{:03}: {} new, {} saved, indicator refreshed",
                number % 1000,
                number % 5,
                number % 7
            ),
            _ => format!(
                "Int 04543 Interaction message \"EventUserEvent\" generated\n\tAttributeThisDN\t'7{:03}'",
                number % 1000
            ),
        }),
        Kind::ResourceManager => short(format!(
            "Trc 33009 INFO 00000000-{number:08X} 02800FA1 Request received: \\\n    OPTIONS sip:{VIP}:5062 SIP/2.0"
        )),
        Kind::MediaControlPlatform => short(format!(
            "Int 50075 INFO {number:08X}-{:08X} 02400214 prompt_end /vm/greetings/7{:03}.wav",
            number % 97,
            number % 1000
        )),
        Kind::Scs => scs(
            now,
            &format!("LCA connection check: 2 hosts, {} ms", number % 4),
        ),
        Kind::MessageServer => format!(
            "{}   Trace   scshost1   confserv   GCTI-00-04542   heartbeat {number} stored\n",
            iso(now)
        ),
    }
}

fn sip_server(now: Time, number: u64) -> String {
    match number % 3 {
        0 => {
            trace(now, "Received", "from", "<<<<<", &options(number))
                + &trace(now, "Sending ", "to", ">>>>>", &ok(number))
        }
        1 => record(
            now,
            "Int 04543 Interaction message \"EventRegistered\" generated",
        ),
        _ => record(
            now,
            &format!(
                "Trc 04542 EventDNBackInService sent to [{}] (00000003 voicemail {VIP}:41822)",
                420 + number % 7
            ),
        ),
    }
}

/// The header line states the bytes of the message, and exactly these follow.
fn trace(now: Time, word: &str, where_to: &str, arrows: &str, message: &str) -> String {
    format!(
        "{}: {word} [0,UDP] {} bytes {where_to} {PREMISE} {arrows}\n{message}\n",
        now.clock(),
        message.len()
    )
}

fn options(number: u64) -> String {
    lines(&[
        format!("OPTIONS sip:{VIP}:5060 SIP/2.0"),
        format!("Via: SIP/2.0/UDP {PREMISE};branch=z9hG4bK-{number:08X}"),
        format!("From: <sip:premise@10.0.0.20>;tag={number:06}"),
        format!("To: <sip:{VIP}:5060>"),
        format!("Call-ID: 4563-5064-5091-{number:08X}@10.0.0.20"),
        format!("CSeq: {number} OPTIONS"),
        "Max-Forwards: 70".to_string(),
    ])
}

fn ok(number: u64) -> String {
    lines(&[
        "SIP/2.0 200 OK".to_string(),
        format!("Via: SIP/2.0/UDP {PREMISE};branch=z9hG4bK-{number:08X}"),
        format!("From: <sip:premise@10.0.0.20>;tag={number:06}"),
        format!("To: <sip:{VIP}:5060>;tag=8{number:05}"),
        format!("Call-ID: 4563-5064-5091-{number:08X}@10.0.0.20"),
        format!("CSeq: {number} OPTIONS"),
    ])
}

fn lines(lines: &[String]) -> String {
    format!("{}\r\nContent-Length: 0\r\n\r\n", lines.join("\r\n"))
}
