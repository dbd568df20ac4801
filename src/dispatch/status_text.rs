pub struct StatusText;
pub struct Note;
pub struct RunMode;
pub struct AppStatus;
pub fn status_text() {}
