//! A day's worth of records as fast as they can be read: memory is the same in the evening as at noon.
