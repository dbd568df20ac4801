//! Bytes in any portions → physical lines, with the place of each in the original file.
//!
//! A line ends with LF, CR LF or a lone CR, mixed at will. UTF-16LE is handed on as UTF-8; its places still count
//! the file's own bytes. Nothing here depends on where a portion ends: a CR, half a UTF-16 unit or a byte order mark
//! may lie on either side.

#[cfg(test)]
mod tests;

use memchr::memchr3;

/// How the bytes of a segment spell text. Where none is set, byte order marks and zero bytes tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    Utf8,
    Windows1252,
    Utf16Le,
}

/// One physical line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// Counted from 1.
    pub number: u64,
    /// Bytes of the original file before the line's first byte; a byte order mark and NULs at its front are passed over.
    pub offset: u64,
    /// Without the line end. A run of NULs inside it is one NUL.
    pub bytes: &'a [u8],
    /// Where the next line begins.
    pub next: u64,
    /// `bytes` holds only the head of a line over `line_bytes_max`.
    pub cut: bool,
    pub extent: Extent,
    pub end: End,
    /// The file's bytes for each of the line's characters: 1, or 2 in UTF-16.
    pub width: u64,
}

/// How much a whole line is, its end left out, whatever was kept of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Extent {
    /// Bytes; in UTF-16 characters.
    pub units: u64,
    /// Bytes, in UTF-16 those of the same text in UTF-8.
    pub octets: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Lf,
    CrLf,
    Cr,
    /// The file ends here.
    File,
}

impl End {
    pub fn units(self) -> u64 {
        match self {
            End::File => 0,
            End::Lf | End::Cr => 1,
            End::CrLf => 2,
        }
    }
}

impl Line<'_> {
    /// Where in the file the byte at `index` of `bytes` stood.
    pub fn offset_of(&self, index: usize) -> u64 {
        let before = self.bytes.get(..index).unwrap_or(self.bytes);
        let units = match self.width {
            2 => String::from_utf8_lossy(before).encode_utf16().count(),
            _ => before.len(),
        };
        self.offset + units as u64 * self.width
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    Line(Line<'a>),
    /// A run of NUL bytes that was skipped, in the line of that number.
    Nuls {
        line: u64,
        length: u64,
    },
}

/// The state between two portions: the line begun, at most `line_bytes_max` of it.
#[derive(Clone, Debug)]
pub struct Lines {
    line_bytes_max: usize,
    encoding: Option<Encoding>,
    form: Form,
    /// Bytes of the file that are dealt with.
    offset: u64,
    number: u64,
    begin: u64,
    kept: Vec<u8>,
    cut: bool,
    extent: Extent,
    /// A CR was read, and whether an LF follows is not known.
    after_cr: bool,
    nuls: u64,
    /// The low byte of a UTF-16 unit.
    half: Option<u8>,
    high_surrogate: Option<u16>,
}

#[derive(Clone, Debug)]
enum Form {
    /// Fewer than four bytes were seen.
    Unsettled(Vec<u8>),
    Narrow,
    Wide,
}

const SETTLED_AFTER: usize = 4;

impl Lines {
    pub fn new(encoding: Option<Encoding>, line_bytes_max: usize) -> Lines {
        Lines {
            line_bytes_max: line_bytes_max.max(1),
            encoding,
            form: Form::Unsettled(Vec::new()),
            offset: 0,
            number: 1,
            begin: 0,
            kept: Vec::new(),
            cut: false,
            extent: Extent::default(),
            after_cr: false,
            nuls: 0,
            half: None,
            high_surrogate: None,
        }
    }

    /// Goes on at the start of a line, where the file begins with the bytes of `head`.
    pub fn resumed(
        encoding: Option<Encoding>,
        line_bytes_max: usize,
        head: &[u8],
        (offset, number): (u64, u64),
    ) -> Lines {
        Lines {
            form: form(encoding, head).0,
            offset,
            number,
            begin: offset,
            ..Lines::new(encoding, line_bytes_max)
        }
    }

    /// Where the line begins that is not whole yet.
    pub fn begun(&self) -> u64 {
        self.begin
    }

    /// How many lines ended so far.
    pub fn count(&self) -> u64 {
        self.number - 1
    }

    /// What is kept of the line that is not whole yet.
    pub fn partial(&self) -> &[u8] {
        match &self.form {
            Form::Unsettled(first) => first,
            _ => &self.kept,
        }
    }

    /// The next byte begins a line, and text is bytes: whole lines can be passed over.
    pub fn can_skip(&self) -> bool {
        matches!(self.form, Form::Narrow) && self.extent.units == 0 && !self.after_cr
    }

    /// Passes over lines unseen: `bytes` of the file that hold so many `lines`, the last of them whole. To be called
    /// where [`can_skip`](Lines::can_skip) holds.
    pub fn skip(&mut self, bytes: u64, lines: u64) {
        self.offset += bytes;
        self.number += lines;
        self.begin = self.offset;
    }

    pub fn push(&mut self, bytes: &[u8], each: &mut impl FnMut(Piece<'_>)) {
        let mut rest = bytes;
        if let Form::Unsettled(first) = &mut self.form {
            let wanted = SETTLED_AFTER.saturating_sub(first.len()).min(rest.len());
            let (taken, left) = rest.split_at(wanted);
            first.extend_from_slice(taken);
            rest = left;
            if first.len() < SETTLED_AFTER {
                return;
            }
            self.settle(each);
        }
        self.read(rest, each);
    }

    /// The end of the file: what is left is a line without an end.
    pub fn finish(&mut self, each: &mut impl FnMut(Piece<'_>)) {
        self.settle(each);
        if self.half.take().is_some() {
            self.character(char::REPLACEMENT_CHARACTER, each);
        }
        self.lone_surrogate(each);
        if self.after_cr {
            self.after_cr = false;
            self.end_line(&[], End::Cr, each);
        }
        self.end_nuls(each);
        if !self.kept.is_empty() {
            self.end_line(&[], End::File, each);
        }
    }

    fn settle(&mut self, each: &mut impl FnMut(Piece<'_>)) {
        let Form::Unsettled(first) = &mut self.form else {
            return;
        };
        let first = std::mem::take(first);
        let (form, mark) = form(self.encoding, &first);
        self.form = form;
        self.offset = mark as u64;
        self.begin = self.offset;
        self.read(first.get(mark..).unwrap_or_default(), each);
    }

    fn read(&mut self, bytes: &[u8], each: &mut impl FnMut(Piece<'_>)) {
        match self.form {
            Form::Wide => bytes.iter().for_each(|byte| self.wide(*byte, each)),
            _ => self.narrow(bytes, each),
        }
    }

    fn narrow(&mut self, mut rest: &[u8], each: &mut impl FnMut(Piece<'_>)) {
        if self.after_cr && !rest.is_empty() {
            self.after_cr = false;
            if let Some(after) = rest.strip_prefix(b"\n") {
                rest = after;
                self.end_line(&[], End::CrLf, each);
            } else {
                self.end_line(&[], End::Cr, each);
            }
        }
        while let Some(at) = memchr3(b'\n', b'\r', 0, rest) {
            let (text, tail) = rest.split_at(at);
            let taken = match tail {
                [b'\n', ..] => self.end_line(text, End::Lf, each),
                [b'\r', b'\n', ..] => self.end_line(text, End::CrLf, each),
                [b'\r', _, ..] => self.end_line(text, End::Cr, each),
                [b'\r'] => {
                    self.keep(text, each);
                    self.after_cr = true;
                    return;
                }
                _ => {
                    self.keep(text, each);
                    let length = tail.iter().take_while(|byte| **byte == 0).count();
                    self.nul(length);
                    length
                }
            };
            rest = tail.get(taken..).unwrap_or_default();
        }
        self.keep(rest, each);
    }

    fn wide(&mut self, byte: u8, each: &mut impl FnMut(Piece<'_>)) {
        let Some(low) = self.half.take() else {
            self.half = Some(byte);
            return;
        };
        let unit = u16::from_le_bytes([low, byte]);
        if self.after_cr {
            self.after_cr = false;
            if unit == u16::from(b'\n') {
                self.end_line(&[], End::CrLf, each);
                return;
            }
            self.end_line(&[], End::Cr, each);
        }
        if let Some(high) = self.high_surrogate.take() {
            if let Some(Ok(pair)) = char::decode_utf16([high, unit]).next() {
                self.character(pair, each);
                return;
            }
            self.character(char::REPLACEMENT_CHARACTER, each);
        }
        match unit {
            0 => self.nul(1),
            0x0A => {
                self.end_line(&[], End::Lf, each);
            }
            0x0D => self.after_cr = true,
            0xD800..=0xDBFF => self.high_surrogate = Some(unit),
            _ => {
                let one = char::from_u32(u32::from(unit)).unwrap_or(char::REPLACEMENT_CHARACTER);
                self.character(one, each);
            }
        }
    }

    fn lone_surrogate(&mut self, each: &mut impl FnMut(Piece<'_>)) {
        if self.high_surrogate.take().is_some() {
            self.character(char::REPLACEMENT_CHARACTER, each);
        }
    }

    /// A character of UTF-16, kept whole or not at all.
    fn character(&mut self, one: char, each: &mut impl FnMut(Piece<'_>)) {
        self.end_nuls(each);
        let mut buffer = [0; 4];
        let text = one.encode_utf8(&mut buffer).as_bytes();
        if self.cut || self.kept.len() + text.len() > self.line_bytes_max {
            self.cut = true;
        } else {
            self.kept.extend_from_slice(text);
        }
        self.extent.units += 1;
        self.extent.octets += text.len() as u64;
        self.offset += 2 * one.len_utf16() as u64;
    }

    /// Text of a narrow file that goes on in the next portion or behind NULs.
    fn keep(&mut self, text: &[u8], each: &mut impl FnMut(Piece<'_>)) {
        if text.is_empty() {
            return;
        }
        self.end_nuls(each);
        self.append(text);
        let length = text.len() as u64;
        self.extent.units += length;
        self.extent.octets += length;
        self.offset += length;
    }

    fn append(&mut self, text: &[u8]) {
        let room = self.line_bytes_max.saturating_sub(self.kept.len());
        self.cut |= text.len() > room;
        self.kept
            .extend_from_slice(text.get(..room).unwrap_or(text));
    }

    fn nul(&mut self, count: usize) {
        let count = count as u64;
        self.nuls += count;
        self.extent.units += count;
        self.extent.octets += count;
        self.offset += count * self.width();
    }

    fn end_nuls(&mut self, each: &mut impl FnMut(Piece<'_>)) {
        if self.nuls == 0 {
            return;
        }
        each(Piece::Nuls {
            line: self.number,
            length: std::mem::take(&mut self.nuls),
        });
        if self.kept.is_empty() {
            self.begin = self.offset;
        } else {
            self.append(&[0]);
        }
    }

    /// Ends the line with its last `text`; how many bytes of a narrow portion the line end takes.
    fn end_line(&mut self, text: &[u8], end: End, each: &mut impl FnMut(Piece<'_>)) -> usize {
        // A line inside one portion is handed on where it lies.
        let in_place = self.kept.is_empty() && self.nuls == 0;
        if !in_place {
            self.keep(text, each);
            self.end_nuls(each);
        }
        let (length, width) = (text.len() as u64, self.width());
        let shown = text.get(..self.line_bytes_max).unwrap_or(text);
        if in_place {
            self.extent.units += length;
            self.extent.octets += length;
            self.offset += length;
        }
        each(Piece::Line(Line {
            number: self.number,
            offset: self.begin,
            next: self.offset + end.units() * width,
            bytes: if in_place { shown } else { &self.kept },
            cut: self.cut || in_place && shown.len() < text.len(),
            extent: self.extent,
            end,
            width,
        }));
        self.offset += end.units() * width;
        self.number += 1;
        self.begin = self.offset;
        self.kept.clear();
        self.cut = false;
        self.extent = Extent::default();
        end.units() as usize
    }

    fn width(&self) -> u64 {
        match self.form {
            Form::Wide => 2,
            _ => 1,
        }
    }
}

/// How a file that begins with these bytes is spelt, and the length of its byte order mark.
fn form(encoding: Option<Encoding>, first: &[u8]) -> (Form, usize) {
    match (encoding, first) {
        (None | Some(Encoding::Utf16Le), [0xFF, 0xFE, ..]) => (Form::Wide, 2),
        (Some(Encoding::Utf16Le), _) => (Form::Wide, 0),
        (None, [a, 0, b, 0, ..]) if *a != 0 && *b != 0 => (Form::Wide, 0),
        (_, [0xEF, 0xBB, 0xBF, ..]) => (Form::Narrow, 3),
        _ => (Form::Narrow, 0),
    }
}
