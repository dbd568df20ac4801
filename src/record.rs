//! Bytes, lines and records: how a Genesys log is put together, before anyone asks what it means.
//!
//! A segment is one file of one application. [`lines`] cuts its bytes into physical lines that know where they stood.
//! [`header`] reads the block at its head: who wrote it, where, and in which zone. A line that begins with a
//! [`stamp`] begins a record, and the [`calendar`] tells when that was. A record that announces a SIP message is
//! followed by text that a caller chose: [`trace`] says which lines belong to it. [`head`] knows what follows the stamp.
//! [`scan`](crate::scan) puts the pieces together.

pub mod calendar;
pub mod file_name;
pub mod head;
pub mod header;
pub mod lines;
pub mod stamp;
pub mod text;
pub mod trace;
mod zone;
