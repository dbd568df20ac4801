//! Notifications, which only wake: what they say is never believed, and what they do not say is polled.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crossbeam_channel::{Receiver, Sender, bounded};
use notify::event::{EventKind, ModifyKind};
use notify::{ErrorKind, RecommendedWatcher, RecursiveMode, Watcher};

use super::disk;

/// What a reader is woken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wake {
    /// A file may have grown.
    Read,
    /// A name may have come or gone; or nothing is known, and anything may have.
    List,
}

/// Wakes a reader. Ringing never waits, and what is asked for is not forgotten while the reader is busy.
#[derive(Debug)]
pub struct Bell {
    ring: Sender<()>,
    list: AtomicBool,
    /// How often notifications failed, and everything was looked at instead.
    rescans: Arc<AtomicU64>,
}

impl Bell {
    pub fn new(rescans: Arc<AtomicU64>) -> (Arc<Bell>, Receiver<()>) {
        let (ring, rung) = bounded(1);
        let list = AtomicBool::new(false);
        let bell = Bell {
            ring,
            list,
            rescans,
        };
        (Arc::new(bell), rung)
    }

    /// True if a listing was asked for since this was asked last.
    pub fn wants_list(&self) -> bool {
        self.list.swap(false, Ordering::AcqRel)
    }

    fn ring(&self, told: &notify::Result<notify::Event>) {
        let Some(wake) = wake(told) else {
            return;
        };
        if is_blind(told) {
            self.rescans.fetch_add(1, Ordering::Relaxed);
        }
        if wake == Wake::List {
            self.list.store(true, Ordering::Release);
        }
        // A reader that is being woken need not be woken twice.
        let _ = self.ring.try_send(());
    }
}

/// Watches the folders of one reader.
pub struct Watch {
    /// None where the system gives no watcher.
    watcher: Result<RecommendedWatcher, String>,
    watched: HashMap<PathBuf, Watched>,
}

#[derive(Debug, PartialEq, Eq)]
enum Watched {
    /// The folder that stood there then.
    Yes(Option<super::identity::FileId>),
    /// Others write there, so that notifications would tell half.
    Remote,
    No(String),
}

impl Watch {
    pub fn new(bell: Arc<Bell>) -> Watch {
        let handler = move |told: notify::Result<notify::Event>| bell.ring(&told);
        Watch {
            watcher: notify::recommended_watcher(handler).map_err(|error| advice(&error)),
            watched: HashMap::new(),
        }
    }

    /// Watches a folder if it is there, anew if it is another one than before. Why it cannot be watched, if so.
    pub fn watch(&mut self, folder: &Path, below: bool) -> Option<String> {
        let id = disk::look(&disk::resolved(folder))
            .ok()
            .map(|facts| facts.id);
        match self.watched.get(folder) {
            Some(Watched::Yes(known)) if *known == id => return None,
            Some(Watched::No(why)) if id.is_some() => return Some(why.clone()),
            Some(Watched::Remote) => return None,
            _ => {}
        }
        if id.is_none() {
            self.watched.remove(folder);
            return None;
        }
        if disk::is_remote(folder) {
            self.watched.insert(folder.to_owned(), Watched::Remote);
            return None;
        }
        let mode = match below {
            true => RecursiveMode::Recursive,
            false => RecursiveMode::NonRecursive,
        };
        let watched = match &mut self.watcher {
            Err(why) => Watched::No(why.clone()),
            Ok(watcher) => {
                // What stood there before is not watched any more, or the system has said so already.
                let _ = watcher.unwatch(folder);
                match watcher.watch(folder, mode) {
                    Ok(()) => Watched::Yes(id),
                    Err(error) => Watched::No(advice(&error)),
                }
            }
        };
        let why = match &watched {
            Watched::No(why) => Some(why.clone()),
            _ => None,
        };
        self.watched.insert(folder.to_owned(), watched);
        why
    }
}

/// None for what our own reading causes.
fn wake(told: &notify::Result<notify::Event>) -> Option<Wake> {
    match told {
        Err(_) => Some(Wake::List),
        Ok(event) if event.need_rescan() => Some(Wake::List),
        Ok(event) => match event.kind {
            EventKind::Access(_) => None,
            EventKind::Modify(ModifyKind::Data(_) | ModifyKind::Any) => Some(Wake::Read),
            _ => Some(Wake::List),
        },
    }
}

/// Something was not told: a queue overflowed, or the watcher is broken.
fn is_blind(told: &notify::Result<notify::Event>) -> bool {
    told.as_ref().map_or(true, notify::Event::need_rescan)
}

fn advice(error: &notify::Error) -> String {
    match &error.kind {
        ErrorKind::MaxFilesWatch => {
            "the system's watches are used up; raise fs.inotify.max_user_watches".to_owned()
        }
        ErrorKind::Io(io) if disk::is_out_of_handles(io) => {
            "the system's watchers or handles are used up; raise fs.inotify.max_user_instances"
                .to_owned()
        }
        _ => format!("the folder cannot be watched: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use notify::event::{AccessKind, CreateKind, DataChange, Flag};

    #[test]
    fn an_overflow_without_a_path_and_every_error_wake_for_everything() {
        let event = |kind| notify::Event::new(kind);
        let overflow = event(EventKind::Other).set_flag(Flag::Rescan);
        for (told, expected, blind) in [
            (Ok(overflow), Some(Wake::List), true),
            (Err(notify::Error::generic("x")), Some(Wake::List), true),
            (
                Ok(event(EventKind::Create(CreateKind::File))),
                Some(Wake::List),
                false,
            ),
            (
                Ok(event(EventKind::Modify(ModifyKind::Data(DataChange::Any)))),
                Some(Wake::Read),
                false,
            ),
            (Ok(event(EventKind::Access(AccessKind::Any))), None, false),
        ] {
            assert_eq!(
                (wake(&told), is_blind(&told)),
                (expected, blind),
                "{told:?}"
            );
        }
    }
}
