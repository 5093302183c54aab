//! What a child writes, kept and watched.

use std::io::{BufRead, BufReader, Read};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use tokio::sync::watch;

/// The lines of standard output and standard error in the order they came.
#[derive(Debug)]
pub(super) struct Output {
    lines: Arc<Mutex<Vec<String>>>,
    progress: watch::Receiver<Progress>,
}

/// Changes with every line and every end, so that those who wait look again.
#[derive(Clone, Copy, Debug, Default)]
struct Progress {
    lines: usize,
    ended: usize,
}

const STREAMS: usize = 2;

impl Output {
    /// Reads both streams to their ends, on threads of their own: a full pipe would stop the child.
    pub(super) fn read(stdout: Option<impl Read + Send + 'static>, stderr: Option<impl Read + Send + 'static>) -> Self {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let (sender, progress) = watch::channel(Progress::default());
        let sender = Arc::new(sender);
        follow(stdout, Arc::clone(&lines), Arc::clone(&sender));
        follow(stderr, Arc::clone(&lines), sender);
        Self { lines, progress }
    }

    /// Everything so far.
    pub(super) fn text(&self) -> String {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).join("\n")
    }

    /// The first line that contains `text`, or `None` when both streams ended without one.
    pub(super) async fn line_with(&self, text: &str) -> Option<String> {
        let mut progress = self.progress.clone();
        let mut looked_at = 0;
        loop {
            let now = *progress.borrow_and_update();
            {
                let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some(line) = lines.iter().skip(looked_at).find(|line| line.contains(text)) {
                    return Some(line.clone());
                }
                looked_at = lines.len();
            }
            if now.ended == STREAMS {
                return None;
            }
            progress.changed().await.ok()?;
        }
    }

    /// Waits until both streams have ended.
    pub(super) async fn ended(&self) {
        let mut progress = self.progress.clone();
        // It fails when the readers are gone, and then the streams have ended too.
        let _ = progress.wait_for(|progress| progress.ended == STREAMS).await;
    }
}

fn follow(
    stream: Option<impl Read + Send + 'static>,
    lines: Arc<Mutex<Vec<String>>>,
    progress: Arc<watch::Sender<Progress>>,
) {
    thread::spawn(move || {
        if let Some(stream) = stream {
            for line in BufReader::new(stream).split(b'\n').map_while(Result::ok) {
                let line = without_colours(&String::from_utf8_lossy(&line));
                lines.lock().unwrap_or_else(PoisonError::into_inner).push(line);
                progress.send_modify(|progress| progress.lines += 1);
            }
        }
        progress.send_modify(|progress| progress.ended += 1);
    });
}

/// The line without terminal escape sequences, which would split the words that tests look for.
fn without_colours(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        if character == '\u{1b}' {
            // ESC [ … letter
            characters.by_ref().skip(1).find(char::is_ascii_alphabetic);
        } else {
            plain.push(character);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_do_not_split_words() {
        assert_eq!(without_colours("\u{1b}[1;32mlistening\u{1b}[0m on"), "listening on");
    }
}
