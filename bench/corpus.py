#!/usr/bin/env python3
"""Writes a log as a busy SIP Server would: SIP traces, T-Library events, short records, and seldom an event.

    python3 bench/corpus.py OUT [--mib 512] [--seed 1] [--ends kept|turned] [--stamps clock|dated]

The same arguments give the same bytes. One line in 100,000 is an event (04563, 05064, 05061, …). The digits of the ids
also stand where they mean nothing: in Call-IDs, ports, sizes, and in records that quote a history. A SIP message keeps
its CR LF (`kept`, as SIP Server writes it) or has LF (`turned`, as some copies of a log have it).
"""

import argparse
import random
from datetime import datetime, timedelta

HEADER = """\
Application name:\tVM_SIPServer_1
Application type:\tTServer (1)
Host name:\tvmhost1
Time zone:\t0
Local time:\t2026-11-02T08:00:00.000
Start time (UTC):\t2026-11-02T08:00:00.000
File:\t(1) /logs/sips1.20261102_080000_000.log
"""

EVENTS = [
    "Std 04563 Hot Standby (Primary) mode activated",
    "Std 04561 Hot Standby (backup) mode activated",
    "Std 05061 Initialization completed",
    "Alr 00-05064 Application terminated",
    "Trc GCTI-00-05091 Application termination detected by Management Layer",
]
LINES_AN_EVENT = 100_000
# Gigabytes an hour: about a megabyte for each second of the log.
BYTES_A_SECOND = 1_000_000


class Corpus:
    def __init__(self, arguments):
        self.random = random.Random(arguments.seed)
        self.now = datetime(2026, 11, 2, 8, 0, 0)
        self.end = "\r\n" if arguments.ends == "kept" else "\n"
        self.dated = arguments.stamps == "dated"
        self.lines = HEADER.count("\n")
        self.due = LINES_AN_EVENT
        self.told = 0

    def stamp(self):
        form = "%Y-%m-%dT%H:%M:%S.%f" if self.dated else "%H:%M:%S.%f"
        return self.now.strftime(form)[:-3]

    def hexes(self, length):
        return f"{self.random.getrandbits(4 * length):0{length}x}"

    def digits(self, length):
        return f"{self.random.randrange(10**length):0{length}}"

    def quoted(self):
        """What someone wrote into a field, now and then a record of long ago."""
        if self.random.random() < 0.02:
            return f"{self.now:%H:%M:%S.000} Std 04563 Hot Standby (Primary) mode activated"
        return f"ticket {self.digits(6)}"

    def sip(self):
        """A trace: its record announces how many bytes follow."""
        pick = self.random.choice
        method = pick(["INVITE", "ACK", "BYE", "OPTIONS", "REGISTER", "NOTIFY"])
        first = pick([f"{method} sip:{self.digits(4)}@10.0.0.9:5060 SIP/2.0", "SIP/2.0 200 OK", "SIP/2.0 180 Ringing"])
        host = f"10.0.{self.digits(1)}.{self.digits(2)}"
        port = pick(["5060", "5060", "5060", "5064", "5091", "4563"])
        lines = [
            first,
            f"Via: SIP/2.0/UDP {host}:{port};branch=z9hG4bK-{self.hexes(16)}",
            f"From: <sip:{self.digits(4)}@{host}:{port}>;tag={self.hexes(12)}",
            f"To: <sip:{self.digits(4)}@10.0.0.9:5060>;tag={self.hexes(12)}",
            f"Call-ID: {self.hexes(8)}-{pick(['4563', '5064', self.digits(4)])}-{self.hexes(12)}@{host}",
            f"CSeq: {self.digits(4)} {method}",
            f"Contact: <sip:{self.digits(4)}@{host}:{port}>",
            "Max-Forwards: 70",
            f"X-Genesys-CallUUID: {self.hexes(32).upper()}",
            "Allow: INVITE, ACK, CANCEL, OPTIONS, BYE, REFER, NOTIFY, SUBSCRIBE, UPDATE",
            "User-Agent: Voice Gateway 5.1.5064",
        ]
        sdp = []
        if method == "INVITE" and self.random.random() < 0.7:
            sdp = [
                "v=0",
                f"o=- {self.digits(10)} {self.digits(10)} IN IP4 {host}",
                "s=-",
                f"c=IN IP4 {host}",
                "t=0 0",
                f"m=audio {self.digits(5)} RTP/AVP 0 8 101",
                "a=rtpmap:0 PCMU/8000",
                "a=rtpmap:8 PCMA/8000",
                "a=sendrecv",
            ]
        length = sum(len(line) + 2 for line in sdp)
        lines += [f"Content-Length: {length}", "", *sdp]
        size = sum(len(line) + 2 for line in lines)
        way = pick(["Received", "Sending "])
        record = f"{self.stamp()}: SIPTR: {way} [0,UDP] {size} bytes {'from' if way[0] == 'R' else 'to'} {host}:{port} <<<<<\n"
        self.lines += 1 + len(lines)
        return record + "".join(line + self.end for line in lines)

    def tlib(self):
        pick = self.random.choice
        name = pick(["EventRinging", "EventEstablished", "EventReleased", "EventQueued", "EventRouteUsed"])
        lines = [
            f"{self.stamp()} Trc 04541 Message {name} sent to 84 (VM_Server_1 10.0.0.5:5064)",
            f"\tAttributeEventSequenceNumber\t{self.digits(16)}",
            f"\tAttributeTimeinuSecs\t{self.digits(6)}",
            "\tAttributeTimeinSecs\t1462456821",
            f"\tAttributeThisDN\t'{self.digits(4)}'",
            "\tAttributeThisDNRole\t1",
            f"\tAttributeOtherDN\t'{self.digits(10)}'",
            f"\tAttributeConnID\t{self.hexes(16)}",
            f"\tAttributeCallUUID\t'{self.hexes(32).upper()}'",
            f"\tAttributeCallID\t{pick(['4563', '5091', self.digits(6)])}",
            "\tAttributeCallType\t2",
            "\tAttributeUserData\t[148] 00 04 00 00..",
            f"\t\t'GSIP_RECFN'\t'{self.hexes(24)}'",
            f"\t\t'note'\t'{self.quoted()}'",
            f"@{self.now:%H:%M:%S.%f}"[:-2] + f" [0] 8.1.102.16 distribute_event: message {name}",
        ]
        self.lines += len(lines)
        return "".join(line + "\n" for line in lines)

    def short(self):
        pick = self.random.choice
        text = pick(
            [
                f"Trc 04542 {name} received from {self.digits(3)} (VM_Server_1 {self.digits(4)})"
                for name in ("RequestMakeCall", "RequestAnswerCall", "RequestReleaseCall")
            ]
            + [
                f"Trc 36002 Request rejected: error code {self.digits(2)}(Invalid connection id), {self.digits(4)} ms",
                f"Int 04543 Interaction message \"{self.hexes(8)}\" received from {self.digits(4)} (\"VM_Server_1\")",
                f"Trc 04999 note of {self.digits(4)}: {self.quoted()}",
                f"Dbg 33009 timer {self.digits(4)} of {self.hexes(16)} expired after {self.digits(4)} ms",
            ]
        )
        self.lines += 1
        return f"{self.stamp()} {text}\n"

    def event(self):
        self.due += LINES_AN_EVENT
        self.told += 1
        self.lines += 1
        return f"{self.stamp()} {EVENTS[self.told % len(EVENTS)]}\n"

    def piece(self):
        if self.lines >= self.due:
            return self.event()
        what = self.random.random()
        if what < 0.4:
            piece = self.sip()
        elif what < 0.75:
            piece = self.tlib()
        else:
            piece = self.short()
        self.now += timedelta(microseconds=len(piece) * 1_000_000 // BYTES_A_SECOND)
        return piece


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out")
    parser.add_argument("--mib", type=int, default=512)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--ends", choices=["kept", "turned"], default="kept")
    parser.add_argument("--stamps", choices=["clock", "dated"], default="clock")
    arguments = parser.parse_args()
    corpus = Corpus(arguments)
    left = arguments.mib * 1024 * 1024
    with open(arguments.out, "wb") as out:
        piece = HEADER
        while left > 0:
            # Whole records only, so that a corpus ends with a line.
            left -= out.write(piece.encode("ascii"))
            piece = corpus.piece()
    print(f"{arguments.out}: {corpus.lines} lines, {corpus.told} events")


if __name__ == "__main__":
    main()
