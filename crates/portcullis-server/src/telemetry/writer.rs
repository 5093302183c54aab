//! Lines that are written without anybody waiting for it.

use std::io::{self, BufWriter, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, TrySendError, sync_channel};
use std::thread;
use std::time::Duration;

/// How many lines wait at most.
const CAPACITY: usize = 8192;
/// How long the end waits for what is still to be written.
const PATIENCE: Duration = Duration::from_secs(1);

enum Message {
    Line(Vec<u8>),
    End,
}

/// Where lines go. Cheap to clone; each `write` is one line.
#[derive(Clone, Debug)]
pub struct Lines {
    sender: SyncSender<Message>,
    dropped: Arc<AtomicU64>,
}

impl std::fmt::Debug for Message {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Message")
    }
}

impl Lines {
    /// Hands a line over, line end included, or drops it if too many wait.
    pub fn send(&self, line: Vec<u8>) {
        match self.sender.try_send(Message::Line(line)) {
            Ok(()) | Err(TrySendError::Disconnected(_)) => {}
            Err(TrySendError::Full(_)) => _ = self.dropped.fetch_add(1, Ordering::Relaxed),
        }
    }
}

impl Write for Lines {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.send(line.to_vec());
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Ends the thread that writes, after what waits is written.
#[derive(Debug)]
pub struct WriterGuard {
    sender: SyncSender<Message>,
    ended: Receiver<()>,
}

impl Drop for WriterGuard {
    fn drop(&mut self) {
        // If the other side of the pipe does not read, its lines are lost; the end of the process is not.
        if self.sender.try_send(Message::End).is_ok() {
            let _ = self.ended.recv_timeout(PATIENCE);
        }
    }
}

/// Starts a thread that writes lines to `out`.
pub fn start(out: impl Write + Send + 'static) -> io::Result<(Lines, WriterGuard)> {
    let (sender, receiver) = sync_channel(CAPACITY);
    let (done, ended) = sync_channel(1);
    let lines = Lines { sender: sender.clone(), dropped: Arc::default() };
    let dropped = Arc::clone(&lines.dropped);
    thread::Builder::new().name("log".to_owned()).spawn(move || {
        write_all(&receiver, &dropped, out);
        let _ = done.send(());
    })?;
    Ok((lines, WriterGuard { sender, ended }))
}

/// Writes until the end. Flushes whenever nothing waits, so that a line is seen at once on a quiet server and costs
/// no system call of its own on a busy one. Where errors of the log itself should be logged, nobody knows.
fn write_all(receiver: &Receiver<Message>, dropped: &AtomicU64, out: impl Write) {
    let mut out = BufWriter::with_capacity(64 * 1024, out);
    loop {
        let message = match receiver.try_recv() {
            Ok(message) => message,
            Err(TryRecvError::Disconnected) => break,
            Err(TryRecvError::Empty) => {
                let lost = dropped.swap(0, Ordering::Relaxed);
                if lost > 0 {
                    let _ = writeln!(
                        out,
                        r#"{{"level":"WARN","message":"{lost} log lines were dropped: they came faster than they could be written"}}"#
                    );
                }
                let _ = out.flush();
                match receiver.recv() {
                    Ok(message) => message,
                    Err(_) => break,
                }
            }
        };
        match message {
            Message::Line(line) => _ = out.write_all(&line),
            Message::End => break,
        }
    }
    let _ = out.flush();
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Mutex, mpsc};

    #[derive(Clone, Default)]
    struct Paper(Arc<Mutex<Vec<u8>>>);

    impl Write for Paper {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// Writes only when it may.
    struct Gate(mpsc::Receiver<()>, Paper);

    impl Write for Gate {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let _ = self.0.recv();
            self.1.write(bytes)
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn what_waits_is_written_before_the_end() {
        let paper = Paper::default();
        let (lines, guard) = start(paper.clone()).unwrap();
        for n in 0..100 {
            lines.send(format!("{n}\n").into_bytes());
        }
        drop(guard);
        let text = String::from_utf8(paper.0.lock().unwrap().clone()).unwrap();
        assert_eq!(text.lines().collect::<Vec<_>>(), (0..100).map(|n| n.to_string()).collect::<Vec<_>>());
    }

    #[test]
    fn a_reader_that_stops_makes_lines_drop_and_nobody_wait() {
        let paper = Paper::default();
        let (open, gate) = mpsc::channel();
        let (lines, guard) = start(Gate(gate, paper.clone())).unwrap();
        for _ in 0..3 * CAPACITY {
            lines.send(vec![b'x'; 64]);
        }
        assert!(lines.dropped.load(Ordering::Relaxed) > 0);
        drop(open);
        // The loss is said when the queue is empty; a last line makes sure that it was.
        while lines.dropped.load(Ordering::Relaxed) > 0 {
            thread::yield_now();
        }
        lines.send(b"last\n".to_vec());
        drop(guard);
        let text = String::from_utf8(paper.0.lock().unwrap().clone()).unwrap();
        assert!(text.contains("log lines were dropped") && text.ends_with("last\n"));
    }
}
