//! How long a body may be, and collecting it.
//!
//! The original takes bodies of any length and holds them in memory. Nothing that signs anyone in
//! is longer than a few kilobytes, so the routes here stop reading at 64 KiB. How *slowly* a body
//! may arrive is the listener's business.

use axum::body::{Body, HttpBody};
use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};

use super::Refused;
use crate::detail::Detail;

/// The longest body that a route of this crate reads: 64 KiB.
pub(crate) const AUTH_BODY_LIMIT: usize = 64 * 1024;

/// Reads the whole body, at most [`AUTH_BODY_LIMIT`] bytes of it.
///
/// # Errors
///
/// * 413 when the body says it is longer, or turns out to be.
/// * 400 when it breaks off, or its framing is wrong.
pub(crate) async fn collect(body: Body) -> Result<Bytes, Refused> {
    // A declared length is believed before the first byte is read.
    if body.size_hint().lower() > AUTH_BODY_LIMIT as u64 {
        return Err(Detail::body_too_large().into());
    }
    match Limited::new(body, AUTH_BODY_LIMIT).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(Detail::body_too_large().into()),
        Err(_) => Err(Detail::unparsable_body().into()),
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use futures_util::stream;

    use super::*;

    fn chunks(count: usize) -> Body {
        let kilobyte = Bytes::from_static(&[b'x'; 1024]);
        Body::from_stream(stream::iter((0..count).map(move |_| Ok::<_, io::Error>(kilobyte.clone()))))
    }

    #[tokio::test]
    async fn a_body_of_the_limit_is_read_and_one_byte_more_is_not() {
        let exact = collect(Body::from(vec![b'x'; AUTH_BODY_LIMIT])).await;
        assert_eq!(exact.unwrap().len(), AUTH_BODY_LIMIT);
        let over = collect(Body::from(vec![b'x'; AUTH_BODY_LIMIT + 1])).await;
        assert_eq!(over, Err(Detail::body_too_large().into()));
    }

    #[tokio::test]
    async fn a_body_without_a_length_is_cut_off_at_the_limit() {
        assert_eq!(collect(chunks(64)).await.unwrap().len(), AUTH_BODY_LIMIT);
        assert_eq!(collect(chunks(65)).await, Err(Detail::body_too_large().into()));
        // Endless: the answer does not wait for an end.
        assert_eq!(collect(chunks(usize::MAX)).await, Err(Detail::body_too_large().into()));
    }

    #[tokio::test]
    async fn a_body_that_breaks_off_is_a_400() {
        let broken = Body::from_stream(stream::iter([
            Ok(Bytes::from_static(b"{")),
            Err(io::Error::from(io::ErrorKind::ConnectionReset)),
        ]));
        assert_eq!(collect(broken).await, Err(Detail::unparsable_body().into()));
    }
}
