//! A request's body that nobody read to its end, and what the answer must then say.
//!
//! A connection can carry another request only after the body of the one before it has been taken off the wire. Where
//! an answer comes first (an unknown route, a refused caller, a body above the limit) the server closes the connection
//! behind the answer. RFC 9112 §9.6 wants that said: a client that is not told sends its next request into a connection
//! that is being closed, and sees an answer missing that has nothing to do with what it asked.

use axum::body::{Body, Bytes, HttpBody};
use http_body::{Frame, SizeHint};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

/// Whether a body has been read to its end.
#[derive(Clone, Debug)]
pub struct Reading(Option<Arc<AtomicBool>>);

impl Reading {
    /// Watches a body. One that has nothing to read costs nothing.
    pub fn watch(body: &mut Body) -> Self {
        if body.is_end_stream() {
            return Self(None);
        }
        let ended = Arc::new(AtomicBool::new(false));
        let watched = Watched { body: std::mem::take(body), ended: Arc::clone(&ended) };
        *body = Body::new(watched);
        Self(Some(ended))
    }

    /// Whether something of the body may still be on its way.
    pub fn is_unfinished(&self) -> bool {
        self.0.as_ref().is_some_and(|ended| !ended.load(Ordering::Relaxed))
    }
}

/// A body that notes its end.
struct Watched {
    body: Body,
    ended: Arc<AtomicBool>,
}

impl HttpBody for Watched {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        if frame.is_none() || self.body.is_end_stream() {
            self.ended.store(true, Ordering::Relaxed);
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
